"""The audience while it is being built: how many, who, and why."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.customers import existing
from campaigns_api.ids import EXAMPLE_KEY, Key
from campaigns_api.people import Keyed, MatchedResponse
from campaigns_api.responses import ResponseModel
from campaigns_api.rule_models import ExplainedRule
from campaigns_api.rules import EXAMPLE, Rules, sees_people
from campaigns_api.services import AppServices, Caller, Services
from crm.audience.rules.describe import describe
from crm.audience.rules.parse import parse
from crm.audience.rules.withholding import searches, withheld
from crm.customers.values import Channel
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import Forbidden, Invalid
from crm.platform.clock import now

router = Router(prefix="/audience", tags=["audience"])


StoredId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9]{1,100}$")]


class AudiencePreviewRequest(RequestModel):
    """Rules, or the segment or campaign whose stored rules are meant, and the channel that says who can be
    reached.

    Viewers may not compare in `rules` what may name a customer.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": EXAMPLE, "channel": "simulator"}]})

    rules: Rules | None = None
    segment_id: StoredId | None = None
    campaign_id: StoredId | None = None
    channel: Channel = "simulator"


class ExplainRequest(RequestModel):
    """Rules, and the customer about whom to ask."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": EXAMPLE, "key": EXAMPLE_KEY}]})

    rules: Rules
    key: Key


class AudiencePreviewResponse(ResponseModel):
    """How many match and can be reached as of now, why others cannot, and some of them: none for viewers."""

    matched: int = Field(examples=[201])
    reachable: int = Field(examples=[187])
    excluded: dict[str, int] = Field(examples=[{"no_consent": 12, "no_address": 2}])
    total: int = Field(examples=[4372])
    as_of: datetime
    sample: list[MatchedResponse]
    description: str


class ExplanationResponse(Keyed):
    """Whether the customer matches, and the same of every rule."""

    name: str | None
    matches: bool
    rules: ExplainedRule


@router.post("/preview")
async def preview(
    body: AudiencePreviewRequest,
    request: Request,
    services: Services,
    person: Caller,
) -> AudiencePreviewResponse:
    """Count an audience. Exact: whatever was stored before this call is in it.

    Viewers get the figures, and no people.
    """
    from crm.audience.usecases.preview import preview as count  # it loads polars

    at, may_list = now(), sees_people(person)
    tree, is_stored = await _tree(body, services)
    rules = await services.evaluations.run(request, person.email, lambda: parse(tree, zone=services.zone))
    if not may_list and not is_stored:
        for path, fault in searches(rules):
            raise Forbidden(f"{path}: {fault}.")
    found, snapshot = await services.audience.asked(
        lambda audience: services.evaluations.run(
            request, person.email, lambda: count(audience, rules, at, services.zone, body.channel)
        )
    )
    if not may_list:
        words = describe(withheld(rules)) if is_stored else found.description
        found = replace(found, sample=(), description=words)
    return AudiencePreviewResponse(**asdict(found), as_of=snapshot.as_of)


async def _tree(body: AudiencePreviewRequest, services: AppServices) -> tuple[Mapping[str, Any], bool]:
    """The rules to count, and whether they are stored. Raises Invalid unless one is given, and NotFound."""
    if [body.rules, body.segment_id, body.campaign_id].count(None) != 2:
        raise Invalid.at("rules", "must be given, or segment_id, or campaign_id, and only one of these")
    if body.segment_id is not None:
        return (await services.segments.get(body.segment_id)).rules, True
    if body.campaign_id is not None:
        return (await services.campaigns.get(body.campaign_id)).rules, True
    assert body.rules is not None
    return body.rules, False


@router.post("/explain")
async def explain(
    body: ExplainRequest,
    request: Request,
    services: Services,
    person: Caller,
) -> ExplanationResponse:
    """Why a customer is in the audience or not: each rule's verdict, and the value that it met."""
    from crm.audience.usecases.explain import explain as reasons  # it loads polars

    rules = await services.evaluations.run(
        request, person.email, lambda: parse(body.rules, zone=services.zone)
    )
    customer = await existing(body.key, services)
    snapshot = await services.audience.snapshot()
    found = await services.evaluations.run(
        request,
        person.email,
        lambda: reasons(snapshot, rules, customer.customer_id, now(), services.zone),
    )
    return ExplanationResponse(**found)
