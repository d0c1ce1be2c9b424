"""Continue a recount: count as many rows as one tick can, and correct the counters after the last.

All ticks of one recount read rows and counters as of one time, which the database remembers for an hour.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign
from crm.kernel.errors import Conflict, Unavailable
from crm.supervision.paging import pages
from crm.supervision.ports import CountStore
from crm.supervision.reconciliation import Recount, add_rows
from crm.supervision.usecases.correct_counters import CorrectCounters

ROWS = 50_000
"""Rows that one call counts at least."""

TICKS = 30
"""Calls in which a large campaign is counted, so that it ends before `MEMORY`."""

MEMORY = timedelta(minutes=50)
"""For how long rows can be read as of the snapshot, a little less than the database's hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueRecount:
    """Reconciles a campaign of any size in small steps."""

    counts: CountStore
    correct: CorrectCounters

    async def __call__(self, campaign: Campaign, now: datetime) -> bool:
        """Count the next rows; true once all are counted and the counters are corrected.

        If killed, the next call continues or starts again; a correction is never applied twice. Where the
        database goes away, what was counted is saved first. Raises Unavailable.
        """
        campaign_id = campaign.campaign_id
        saved = await self.counts.recount(campaign_id)
        if saved is None or saved.began_at + MEMORY <= now:
            saved = Recount(snapshot=await self.counts.snapshot(campaign), began_at=now)
        recount, is_complete = await self._count(campaign, saved)
        if not is_complete:
            return False
        try:
            await self.correct(campaign, recount.snapshot, recount.tally, now)
        except Conflict:
            return False
        finally:
            await self.counts.save_recount(campaign_id, None)
        return True

    async def _count(self, campaign: Campaign, saved: Recount) -> tuple[Recount, bool]:
        """The recount after the next rows, and whether these were the last. Saved where more are left."""
        campaign_id = campaign.campaign_id
        tally = {shard: dict(groups) for shard, groups in saved.tally.items()}
        recount = saved
        left = max(ROWS, (campaign.audience or 0) // TICKS)
        try:
            async for page in pages(
                lambda after: self.counts.rows(campaign_id, saved.snapshot, after),
                lambda row: row.message_id,
                saved.after,
            ):
                add_rows(tally, page)
                recount = replace(saved, after=page[-1].message_id, tally=tally)
                left -= len(page)
                if left <= 0:
                    await self.counts.save_recount(campaign_id, recount)
                    return recount, False
        except Unavailable:
            if recount is not saved:
                await self.counts.save_recount(campaign_id, recount)
            raise
        return recount, True
