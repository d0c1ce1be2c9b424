"""Reconcile a campaign in one go: count every row, and correct the counters where they differ."""

from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import Campaign, Counts
from crm.kernel.errors import Conflict, Unavailable
from crm.supervision.paging import pages
from crm.supervision.ports import CountStore
from crm.supervision.reconciliation import CounterSnapshot, Tally, add_rows
from crm.supervision.usecases.correct_counters import CorrectCounters

ATTEMPTS = 3
"""Attempts while others correct the same counters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """For operators; the tick spreads the same work over several calls, see `ContinueRecount`."""

    counts: CountStore
    correct: CorrectCounters

    async def __call__(self, campaign: Campaign, now: datetime) -> int:
        """Correct the counters of every shard and group; by how much they were off.

        Safe while receipts and chunks are written: rows and counters are read as of one time, and their
        difference is added once. Raises Unavailable.
        """
        for _ in range(ATTEMPTS):
            snapshot = await self.counts.snapshot(campaign)
            try:
                return await self.correct(campaign, snapshot, await self._counted(campaign, snapshot), now)
            except Conflict:
                continue
        raise Unavailable("Others keep correcting the same counters.")

    async def _counted(self, campaign: Campaign, snapshot: CounterSnapshot) -> Tally:
        tally: dict[int, dict[str, Counts]] = {}
        async for page in pages(
            lambda after: self.counts.rows(campaign.campaign_id, snapshot, after),
            lambda row: row.message_id,
        ):
            add_rows(tally, page)
        return tally
