"""The tick: do again what should have happened and did not, and close what is over.

It may run concurrently with itself and be killed anywhere: each step is a compare-and-set, or a message that
is safe to deliver twice. An error in one campaign does not hold up the others.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import EVERYONE, Campaign, Stats
from crm.campaigns.ports import CampaignCounts, CampaignStore
from crm.delivery.usecases.join_waiting import JoinWaiting
from crm.kernel.errors import Conflict, CrmError, Unavailable
from crm.supervision.ports import ProgressStore
from crm.supervision.progress import Progress
from crm.supervision.usecases.advance import Advance
from crm.supervision.usecases.sweep_counters import SweepCounters
from crm.supervision.usecases.sweep_frozen_lists import SweepFrozenLists

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The work on campaigns that the scheduler triggers every minute."""

    campaigns: CampaignStore
    counts: CampaignCounts
    progress: ProgressStore
    join_waiting: JoinWaiting
    advance: Advance
    sweep_frozen_lists: SweepFrozenLists
    sweep_counters: SweepCounters

    async def __call__(self, now: datetime) -> None:
        """Do all that is due. Raises after the rest is done: Unavailable where a dependency was away, and
        whatever error a bug raised over one campaign."""
        await self.join_waiting(now)
        # The campaigns are read before their counts: an audience once known never shrinks.
        campaigns = await self.campaigns.needs_tick()
        counts = await self.counts.by_group(campaigns)
        progress = await self.progress.of_campaigns([campaign.campaign_id for campaign in campaigns])
        failed: Exception | None = None
        for campaign in campaigns:
            name = campaign.campaign_id
            stats = Stats(audience=campaign.audience or 0, counts=counts[name][EVERYONE])
            failed = await self._advance(campaign, stats, progress.get(name), now) or failed
        await self.sweep_frozen_lists(now)
        await self.sweep_counters(now)
        if isinstance(failed, CrmError):
            raise Unavailable(f"Not every campaign could be advanced: {failed}") from failed
        if failed is not None:
            raise failed

    async def _advance(
        self, campaign: Campaign, stats: Stats, before: Progress | None, now: datetime
    ) -> Exception | None:
        """Advance one campaign; the error that stopped it, other than a conflict."""
        ids = {"campaign_id": campaign.campaign_id}
        try:
            await self.advance(campaign, stats, before, now)
        except Conflict:
            logger.info("campaign changed during the tick", extra={"ids": ids})
        except Exception as error:
            logger.exception("the tick could not advance the campaign", extra={"ids": ids})
            return error
        return None
