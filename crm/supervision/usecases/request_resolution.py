"""Request a resolution: what to do with the failed or unknown messages of a campaign."""

from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import EVERYONE, Campaign, Resolution
from crm.campaigns.lifecycle import require
from crm.campaigns.ports import CampaignCounts, CampaignStore
from crm.supervision.resolution import RESOLVES


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestResolution:
    """Marks the campaign; `ResolveMessages` then changes its rows."""

    campaigns: CampaignStore
    counts: CampaignCounts

    async def __call__(self, campaign_id: str, resolution: Resolution, now: datetime) -> Campaign:
        """The campaign, sending again in a new retry round. Unchanged where no row needs it, or it is
        at this resolution already.

        Raises Conflict where the lifecycle does not allow it: before its audience is frozen, unless it is
        sending or over, and at another resolution; NotFound.
        """
        campaign = await self.campaigns.get(campaign_id)
        require(campaign, resolution, "marketer")
        if campaign.resolution == resolution:
            return campaign
        counts = (await self.counts.by_group([campaign]))[campaign_id][EVERYONE]
        if not getattr(counts, RESOLVES[resolution]):
            return campaign
        return await self.campaigns.transition(
            campaign_id,
            resolution,
            "marketer",
            expected=campaign,
            resolution=resolution,
            resolved_to=None,
            retry_round=campaign.retry_round + 1,
            assume_delivered=campaign.assume_delivered or resolution == "mark_as_sent",
            finished_at=None,
            resumed_at=now,
            note=None,
            stalled_since=None,
            watch_ended=False,
            sweep_at=None,
        )
