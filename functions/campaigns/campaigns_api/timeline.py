"""A campaign's figures over time."""

from datetime import datetime

from campaigns_api.ids import CampaignId
from campaigns_api.responses import ResponseModel
from campaigns_api.services import Services
from crm.campaigns.timeline import timeline
from crm.entry.routing import Router

router = Router(prefix="/campaigns", tags=["campaigns"])


class MovedResponse(ResponseModel):
    """Change of the figures in the bucket that begins at `at`. May be negative: a message that fails after it
    was accepted takes one from `sent`."""

    at: datetime
    sent: int
    delivered: int
    failed: int
    skipped: int
    unknown: int


class TimelineResponse(ResponseModel):
    """Changes of the figures, oldest first, in at most 240 buckets of `bucket_seconds`; a campaign of more
    than two months may have more. Buckets without a change are left out. The changes add up to `stats`."""

    bucket_seconds: int
    data: list[MovedResponse]


@router.get("/{id}/timeline")
async def over_time(campaign_id: CampaignId, services: Services) -> TimelineResponse:
    """The changes of a campaign's figures over time."""
    await services.campaigns.get(campaign_id)
    found = timeline(await services.timelines.movements(campaign_id))
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
