"""Which segments a customer is in, and why."""

from typing import Any

from fastapi import APIRouter

from campaigns_api.customers import CustomerId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import MAX_PAGE, SIGNED_IN, Services, Viewer
from crm.audience.rules.parse import parse
from crm.platform.clock import now

router = APIRouter(prefix="/customers", tags=["customers"], dependencies=[SIGNED_IN])


class StandingResponse(ResponseModel):
    """Whether one is in a segment. `explanation` is the root of the rules, as in `/audience/explain`."""

    segment_id: str
    name: str
    matches: bool
    explanation: dict[str, Any]


@router.get("/{customer_id:path}/segments")
async def segments(customer_id: CustomerId, services: Services, _: Viewer) -> Page[StandingResponse]:
    """The newest 200 segments, each with whether the customer is in it and which rules say so."""
    from crm.audience.usecases.explain import explain  # it loads polars

    found, _more = await services.segments.list(MAX_PAGE)
    snapshot, at = await services.audience.snapshot(), now()
    standings = []
    for segment in found:
        why = explain(snapshot, parse(segment.rules, zone=services.zone), customer_id, at, services.zone)
        standings.append(
            StandingResponse(
                segment_id=segment.segment_id,
                name=segment.name,
                matches=why["matches"],
                explanation=why["rules"],
            )
        )
    return Page(data=standings)
