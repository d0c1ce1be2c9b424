"""Which segments a customer is in, and why."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from fastapi import Request

from campaigns_api.customers import existing
from campaigns_api.ids import CustomerKey
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.rule_models import ExplainedRule
from campaigns_api.rules import sees_people
from campaigns_api.services import MAX_PAGE, Caller, Services
from crm.access.members import SignedIn
from crm.audience.rules.parse import parse
from crm.audience.rules.withholding import withheld_node
from crm.entry.routing import Router
from crm.kernel.errors import Invalid
from crm.platform.clock import now
from crm.segments.segment import Segment

if TYPE_CHECKING:
    from crm.audience.engine.snapshot import Snapshot

router = Router(prefix="/customers", tags=["customers"])


class MembershipResponse(ResponseModel):
    """Whether the customer is in a segment, or why that cannot be evaluated.

    `explanation` is the root of the rules, as in `/audience/explain`. If the stored rules are not valid any
    more, `problem` says why, and `matches` and `explanation` are null.
    """

    segment_id: str
    name: str
    matches: bool | None
    explanation: ExplainedRule | None
    problem: str | None


@router.get("/{key}/segments")
async def segments(
    key: CustomerKey, request: Request, services: Services, person: Caller
) -> Page[MembershipResponse]:
    """The newest 200 segments, each with whether the customer is in it and which rules say so."""
    customer_id = (await existing(key, services)).customer_id
    found, _more = await services.segments.list(MAX_PAGE)
    snapshot, at = await services.audience.snapshot(), now()
    memberships = await services.evaluations.run(
        request,
        person.email,
        lambda: [_membership(segment, snapshot, customer_id, at, services.zone, person) for segment in found],
    )
    return Page(data=memberships)


def _membership(
    segment: Segment, snapshot: "Snapshot", customer_id: str, at: datetime, zone: tzinfo, person: SignedIn
) -> MembershipResponse:
    from crm.audience.usecases.explain import explain, shown_in_full  # it loads polars

    membership = MembershipResponse(
        segment_id=segment.segment_id, name=segment.name, matches=None, explanation=None, problem=None
    )
    try:
        rules = parse(segment.rules, zone=zone)
    except Invalid as error:
        problem = str(error) if sees_people(person) else "These rules no longer hold."
        return membership.model_copy(update={"problem": problem})
    shown = shown_in_full if sees_people(person) else withheld_node
    why = explain(snapshot, rules, customer_id, at, zone, shown)
    return membership.model_copy(update={"matches": why["matches"], "explanation": why["rules"]})
