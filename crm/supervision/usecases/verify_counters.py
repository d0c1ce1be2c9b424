"""Verify the counters before something is concluded from them."""

from dataclasses import dataclass, replace
from datetime import datetime

from crm.campaigns.campaign import Campaign
from crm.supervision.ports import ProgressStore
from crm.supervision.usecases.continue_recount import ContinueRecount
from crm.supervision.usecases.counters_agree import CountersAgree


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCounters:
    """Checks the counters, and begins to correct them where they are off."""

    counters_agree: CountersAgree
    continue_recount: ContinueRecount
    progress: ProgressStore

    async def __call__(self, campaign: Campaign, now: datetime) -> bool:
        """Whether the counters agreed with the rows. Where not, a recount corrects them, over the next ticks
        if necessary. Raises Unavailable."""
        if await self.counters_agree(campaign):
            return True
        campaign_id = campaign.campaign_id
        known = (await self.progress.of_campaigns([campaign_id])).get(campaign_id)
        if not await self.continue_recount(campaign, now) and known is not None:
            await self.progress.save(campaign_id, replace(known, recounting=True))
        return False
