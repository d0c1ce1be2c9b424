"""Reconcile a campaign: hold its counters against its rows, and correct them where they differ."""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from crm.domain.campaigns import ROW_STATUSES, Campaign, Counts, LogRow
from crm.domain.errors import Conflict, Unavailable
from crm.domain.reconciliation import Moment, add_rows, difference, drift
from crm.ports import CountBook

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Readings tried while others correct the same counters."""


async def agrees(book: CountBook, campaign: Campaign) -> bool:
    """Whether the counters of all recipients have as many of each status as there are rows.

    Reads no row: it costs a thousandth of `reconcile`, and does not see the cohorts.
    """
    moment = await book.moment(campaign)
    counted = await book.counted(campaign.campaign_id, moment)
    return all(counted[status] == getattr(moment.total, status) for status in ROW_STATUSES)


async def reconcile(book: CountBook, campaign: Campaign, now: datetime) -> int:
    """Recount every row, by shard and group, and correct the counters; answers by how much they were off.

    Receipts and chunks may move meanwhile: rows and counters are read as of one moment, and what is
    corrected is their difference, once. Raises Unavailable.
    """
    for _ in range(ATTEMPTS):
        moment = await book.moment(campaign)
        tally: dict[int, dict[str, Counts]] = {}
        async for page in pages(book, campaign.campaign_id, moment):
            add_rows(tally, page)
        lacking = difference(tally, moment.counters)
        if not lacking:
            return 0
        try:
            await book.heal(campaign.campaign_id, moment, lacking, now)
        except Conflict:
            continue
        off = drift(lacking)
        ids = {"campaign_id": campaign.campaign_id, "drift": off}
        logger.error("the counters of a campaign were off and are corrected", extra={"ids": ids})
        return off
    raise Unavailable("Others keep correcting the same counters.")


async def pages(book: CountBook, campaign_id: str, moment: Moment) -> AsyncIterator[Sequence[LogRow]]:
    """All rows of a campaign as of the moment, page by page."""
    after = None
    while page := await book.rows(campaign_id, moment, after):
        yield page
        after = page[-1].message_id
