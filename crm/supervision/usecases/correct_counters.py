"""Correct counters that differ from their rows."""

import logging
from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import Campaign
from crm.supervision.ports import CountStore
from crm.supervision.reconciliation import CounterSnapshot, Tally, difference, drift

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectCounters:
    """The last step of a recount."""

    counts: CountStore

    async def __call__(
        self, campaign: Campaign, snapshot: CounterSnapshot, tally: Tally, now: datetime
    ) -> int:
        """Add what the counters lack against `tally`, the rows as of `snapshot`; by how much they were off.

        Raises Conflict where they were corrected since the snapshot, Unavailable.
        """
        missing = difference(tally, snapshot.counters)
        if missing:
            await self.counts.apply_correction(campaign.campaign_id, snapshot, missing, now)
            ids = {"campaign_id": campaign.campaign_id, "drift": drift(missing)}
            logger.error("the counters of a campaign were off and are corrected", extra={"ids": ids})
        return drift(missing)
