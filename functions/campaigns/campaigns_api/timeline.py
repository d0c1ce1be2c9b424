"""A campaign's figures over time."""

from datetime import datetime

from fastapi import APIRouter

from campaigns_api.responses import ResponseModel
from campaigns_api.services import SIGNED_IN, CampaignId, Services, Viewer
from crm.campaigns.timeline import timeline

router = APIRouter(prefix="/campaigns", tags=["campaigns"], dependencies=[SIGNED_IN])


class MovedResponse(ResponseModel):
    """By how much the figures moved in the stretch that begins at `at`. One goes down where another takes
    over: a failure after it was accepted takes one from `sent`."""

    at: datetime
    sent: int
    delivered: int
    failed: int
    skipped: int
    unknown: int


class TimelineResponse(ResponseModel):
    """How the figures moved, oldest first, in at most 240 stretches of `bucket_seconds`, or a little more for
    a campaign of more than two months. Those in which nothing moved are left out; what stands here adds up to
    `stats`."""

    bucket_seconds: int
    data: list[MovedResponse]


@router.get("/{id}/timeline")
async def over_time(campaign_id: CampaignId, services: Services, _: Viewer) -> TimelineResponse:
    """How a campaign's figures came about."""
    await services.campaigns.get(campaign_id)
    found = timeline(await services.timelines.read(campaign_id))
    return TimelineResponse(
        bucket_seconds=found.seconds,
        data=[
            MovedResponse(
                at=at,
                sent=moved.accepted + moved.delivered,
                delivered=moved.delivered,
                failed=moved.failed,
                skipped=moved.skipped,
                unknown=moved.unknown,
            )
            for at, moved in found.movements
        ],
    )
