"""Reconcile a campaign: hold its counters against its rows, and correct them where they differ.

`reconcile` does it in one go. `recount` does as much as one tick can, and the next tick goes on: rows and
counters are those of one moment all the while, which the database remembers for an hour.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import ROW_STATUSES, Campaign, Counts
from crm.delivery.log import LogRow
from crm.kernel.errors import Conflict, Unavailable
from crm.supervision.ports import CountStore
from crm.supervision.reconciliation import CounterSnapshot, Recount, Tally, add_rows, difference, drift

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Readings tried while others correct the same counters."""

ROWS = 50_000
"""Rows that one tick counts; of a large campaign a thirtieth, so that it ends while the moment is known."""

TICKS = 30
MEMORY = timedelta(minutes=50)
"""For how long rows can be read as of a moment, a little less than the database's hour."""


async def agrees(book: CountStore, campaign: Campaign) -> bool:
    """Whether the counters of all recipients have as many of each status as there are rows.

    Reads no row: it costs a thousandth of `reconcile`, and does not see the cohorts.
    """
    moment = await book.moment(campaign)
    counted = await book.counted(campaign.campaign_id, moment)
    return all(counted[status] == getattr(moment.total, status) for status in ROW_STATUSES)


async def reconcile(book: CountStore, campaign: Campaign, now: datetime) -> int:
    """Recount every row, by shard and group, and correct the counters; answers by how much they were off.

    Receipts and chunks may move meanwhile: rows and counters are read as of one moment, and what is
    corrected is their difference, once. Raises Unavailable.
    """
    for _ in range(ATTEMPTS):
        moment = await book.moment(campaign)
        tally: dict[int, dict[str, Counts]] = {}
        async for page in pages(book, campaign.campaign_id, moment):
            add_rows(tally, page)
        try:
            return await _corrected(book, campaign, moment, tally, now)
        except Conflict:
            continue
    raise Unavailable("Others keep correcting the same counters.")


async def recount(book: CountStore, campaign: Campaign, now: datetime) -> bool:
    """Go on recounting every row; true once all are counted and the counters are corrected.

    Killed anywhere it goes on, or begins again: a correction that was made is never made twice. Where the
    database goes away it keeps how far it came, so that each try comes further. Raises Unavailable.
    """
    name = campaign.campaign_id
    kept = await book.recount_of(name)
    if kept is None or kept.began_at + MEMORY <= now:
        kept = Recount(moment=await book.moment(campaign), began_at=now)
    tally = {shard: dict(groups) for shard, groups in kept.tally.items()}
    after, left = kept.after, max(ROWS, (campaign.audience or 0) // TICKS)
    try:
        while page := await book.rows(name, kept.moment, after):
            add_rows(tally, page)
            after = page[-1].message_id
            left -= len(page)
            if left <= 0:
                await book.keep_recount(name, replace(kept, after=after, tally=tally))
                return False
    except Unavailable:
        if after != kept.after:
            await book.keep_recount(name, replace(kept, after=after, tally=tally))
        raise
    try:
        await _corrected(book, campaign, kept.moment, tally, now)
    except Conflict:
        return False
    finally:
        await book.keep_recount(name, None)
    return True


async def _corrected(
    book: CountStore, campaign: Campaign, moment: CounterSnapshot, tally: Tally, now: datetime
) -> int:
    """Correct what the counters lack; by how much they were off. Raises Conflict where somebody has."""
    lacking = difference(tally, moment.counters)
    if lacking:
        await book.apply_correction(campaign.campaign_id, moment, lacking, now)
        ids = {"campaign_id": campaign.campaign_id, "drift": drift(lacking)}
        logger.error("the counters of a campaign were off and are corrected", extra={"ids": ids})
    return drift(lacking)


async def pages(
    book: CountStore, campaign_id: str, moment: CounterSnapshot
) -> AsyncIterator[Sequence[LogRow]]:
    """All rows of a campaign as of the moment, page by page."""
    after = None
    while page := await book.rows(campaign_id, moment, after):
        yield page
        after = page[-1].message_id
