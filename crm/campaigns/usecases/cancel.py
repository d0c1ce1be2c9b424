"""Cancel a campaign: send nothing more, for good."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore, PendingChunks
from crm.campaigns.usecases.requests import left_to_the_tick, request_chunks
from crm.kernel.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Pending recipients become skipped with the reason "cancelled", chunk by chunk, as sending would write
    them, so the figures add up at every reading."""

    campaigns: CampaignStore
    chunks: PendingChunks
    broker: Broker

    async def __call__(self, campaign_id: str) -> Campaign:
        """The cancelled campaign; chunks being sent now are finished.

        Raises Conflict unless it is scheduled, missed, launching, sending or paused; NotFound, Unavailable.
        """
        cancelled = await self.campaigns.transition(campaign_id, "cancel", "marketer", resolution=None)
        if cancelled.audience is not None:
            with left_to_the_tick(campaign_id):
                await request_chunks(self.broker, cancelled, await self.chunks.pending(campaign_id))
        return cancelled
