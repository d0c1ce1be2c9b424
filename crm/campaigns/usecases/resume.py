"""Resume a paused campaign where it stopped."""

from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import Campaign
from crm.campaigns.delivery_requests import DeliveryRequests, left_to_the_tick
from crm.campaigns.ports import CampaignStore, PendingChunks
from crm.campaigns.usecases.request_missing_partitions import RequestMissingPartitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Requests again the work that workers dropped while the campaign was paused."""

    campaigns: CampaignStore
    chunks: PendingChunks
    requests: DeliveryRequests
    request_missing_partitions: RequestMissingPartitions

    async def __call__(self, campaign_id: str, now: datetime) -> Campaign:
        """The campaign, sending, or launching if its audience is not frozen yet.

        A campaign with a rate does not make up for the time that it was paused. Raises Conflict unless it is
        paused, NotFound, Unavailable.
        """
        resumed = await self.campaigns.transition(
            campaign_id,
            "resume",
            "marketer",
            note=None,
            stalled_since=None,
            next_send_at=None,
            resumed_at=now,
        )
        with left_to_the_tick(campaign_id):
            if resumed.status == "launching":
                await self.request_missing_partitions(resumed)
            elif not resumed.rate:
                await self.requests.chunks(resumed, await self.chunks.pending(campaign_id))
        return resumed
