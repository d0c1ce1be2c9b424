"""Pause a campaign: send no further chunk until it is resumed."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Every worker reads the status before it sends a chunk; chunks being sent now are finished."""

    campaigns: CampaignStore

    async def __call__(self, campaign_id: str) -> Campaign:
        """The paused campaign; its receipts still count.

        Raises Conflict unless it is launching or sending, NotFound, Unavailable.
        """
        return await self.campaigns.transition(
            campaign_id, "pause", "marketer", note=None, stalled_since=None
        )
