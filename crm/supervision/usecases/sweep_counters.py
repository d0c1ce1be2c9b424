"""Sweep counters: some time after a campaign is over, count all its rows and correct whatever is off.

`Watch` compares the counts of statuses only; this also finds wrong counts of cohorts, opens and clicks.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.ports import CampaignStore
from crm.kernel.errors import Conflict
from crm.supervision.usecases.continue_recount import ContinueRecount

logger = logging.getLogger(__name__)

SWEEP_AFTER = timedelta(days=1)
"""How long after its end a campaign is swept: by then most recipients who ever open have opened."""

CAMPAIGNS = 5
"""Campaigns that one call sweeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCounters:
    """Called by every tick."""

    campaigns: CampaignStore
    continue_recount: ContinueRecount

    async def __call__(self, now: datetime) -> None:
        """Recount campaigns whose `sweep_at` has come. A recount that is not complete ends the call: the next
        one continues it. Safe to repeat. Raises Unavailable."""
        for campaign in await self.campaigns.to_sweep(now, CAMPAIGNS):
            try:
                if not await self.continue_recount(campaign, now):
                    return
                await self.campaigns.transition(
                    campaign.campaign_id, "finish_recount", "tick", expected=campaign, sweep_at=None
                )
            except Conflict:
                ids = {"campaign_id": campaign.campaign_id}
                logger.info("campaign changed during its sweep", extra={"ids": ids})
