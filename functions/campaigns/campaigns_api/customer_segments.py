"""Which segments a customer is in, and why."""

from campaigns_api.customers import existing
from campaigns_api.ids import CustomerKey
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.rule_models import ExplainedRule
from campaigns_api.services import MAX_PAGE, Services
from crm.audience.rules.parse import parse
from crm.entry.routing import Router
from crm.kernel.errors import Invalid
from crm.platform.clock import now

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
async def segments(key: CustomerKey, services: Services) -> Page[MembershipResponse]:
    """The newest 200 segments, each with whether the customer is in it and which rules say so."""
    from crm.audience.usecases.explain import explain  # it loads polars

    customer_id = (await existing(key, services)).customer_id
    found, _more = await services.segments.list(MAX_PAGE)
    snapshot, at = await services.audience.snapshot(), now()
    memberships = []
    for segment in found:
        membership = MembershipResponse(
            segment_id=segment.segment_id, name=segment.name, matches=None, explanation=None, problem=None
        )
        try:
            rules = parse(segment.rules, zone=services.zone)
        except Invalid as error:
            memberships.append(membership.model_copy(update={"problem": str(error)}))
            continue
        why = explain(snapshot, rules, customer_id, at, services.zone)
        verdict = {"matches": why["matches"], "explanation": why["rules"]}
        memberships.append(membership.model_copy(update=verdict))
    return Page(data=memberships)
