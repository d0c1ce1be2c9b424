"""Unschedule a campaign: make it a draft again."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Unschedule:
    """Applies to a campaign that waits for its time, or missed it."""

    campaigns: CampaignStore

    async def __call__(self, campaign_id: str) -> Campaign:
        """The draft. Raises Conflict unless scheduled or missed, NotFound, Unavailable."""
        campaign = await self.campaigns.get(campaign_id)
        return await self.campaigns.transition(
            campaign_id,
            "unschedule",
            "marketer",
            expected=campaign,
            schedule_at=None,
            note=None,
            version=campaign.version + 1,
        )
