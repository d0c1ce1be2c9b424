"""The audience while it is being built: how many, who, and why."""

from dataclasses import asdict, replace
from datetime import datetime

from fastapi import Request
from pydantic import ConfigDict, Field

from campaigns_api.customers import existing
from campaigns_api.ids import EXAMPLE_KEY, Key
from campaigns_api.people import Keyed, MatchedResponse
from campaigns_api.responses import ResponseModel
from campaigns_api.rule_models import ExplainedRule
from campaigns_api.rules import EXAMPLE, Rules
from campaigns_api.services import Caller, Services
from crm.access.members import allows
from crm.audience.rules.parse import parse
from crm.customers.values import Channel
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.platform.clock import now

router = Router(prefix="/audience", tags=["audience"])


class AudiencePreviewRequest(RequestModel):
    """Rules, and the channel that says who can be reached."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": EXAMPLE, "channel": "simulator"}]})

    rules: Rules
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

    rules, at = parse(body.rules, zone=services.zone), now()
    found, snapshot = await services.audience.asked(
        lambda audience: services.evaluations.run(
            request, lambda: count(audience, rules, at, services.zone, body.channel)
        )
    )
    if not allows(person.role, "marketer"):
        found = replace(found, sample=())
    return AudiencePreviewResponse(**asdict(found), as_of=snapshot.as_of)


@router.post("/explain")
async def explain(
    body: ExplainRequest,
    request: Request,
    services: Services,
) -> ExplanationResponse:
    """Why a customer is in the audience or not: each rule's verdict, and the value that it met."""
    from crm.audience.usecases.explain import explain as reasons  # it loads polars

    rules = parse(body.rules, zone=services.zone)
    customer = await existing(body.key, services)
    snapshot = await services.audience.snapshot()
    found = await services.evaluations.run(
        request, lambda: reasons(snapshot, rules, customer.customer_id, now(), services.zone)
    )
    return ExplanationResponse(**found)
