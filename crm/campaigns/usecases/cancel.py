"""Cancel a campaign: send nothing more, permanently."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.delivery_requests import DeliveryRequests, left_to_the_tick
from crm.campaigns.ports import CampaignStore, PendingChunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Delivery skips pending recipients with the reason "cancelled", chunk by chunk, so that the figures
    always add up."""

    campaigns: CampaignStore
    chunks: PendingChunks
    requests: DeliveryRequests

    async def __call__(self, campaign_id: str) -> Campaign:
        """The cancelled campaign; chunks being sent now are finished.

        Raises Conflict unless it is scheduled, missed, launching, sending or paused; NotFound, Unavailable.
        """
        cancelled = await self.campaigns.transition(
            campaign_id, "cancel", "marketer", resolution=None, stalled_since=None
        )
        if cancelled.audience is not None:
            with left_to_the_tick(campaign_id):
                await self.requests.chunks(cancelled, await self.chunks.pending(campaign_id))
        return cancelled
