"""Cancel a campaign: send nothing more, permanently."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore, PendingChunks
from crm.campaigns.usecases.requests import left_to_the_tick, request_chunks
from crm.kernel.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Delivery skips pending recipients with the reason "cancelled", chunk by chunk, so that the figures
    always add up."""

    campaigns: CampaignStore
    chunks: PendingChunks
    broker: Broker

    async def __call__(self, campaign_id: str) -> Campaign:
        """The cancelled campaign; chunks being sent now are finished.

        Raises Conflict unless it is scheduled, missed, launching, sending or paused; NotFound, Unavailable.
        """
        cancelled = await self.campaigns.transition(
            campaign_id, "cancel", "marketer", resolution=None, stalled_since=None
        )
        if cancelled.audience is not None:
            with left_to_the_tick(campaign_id):
                await request_chunks(self.broker, cancelled, await self.chunks.pending(campaign_id))
        return cancelled
