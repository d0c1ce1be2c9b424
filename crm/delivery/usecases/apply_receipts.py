"""Apply receipts: move the rows of the communication log, and the counters with them."""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from crm.delivery.ports import ReceiptStore
from crm.delivery.receipts import Receipt, RowChange, quarantined, settle
from crm.kernel.batches import batched
from crm.kernel.errors import Conflict, Unavailable

logger = logging.getLogger(__name__)

COMMIT_SIZE = 500
"""Messages whose rows one commit changes."""

ATTEMPTS = 8
"""How often a commit is tried that loses to others. Between two of them lies up to `PAUSE`, growing."""

PAUSE = 0.05
"""Seconds."""

PATIENCE = timedelta(days=1)
"""How long each tick looks for the row of an early receipt. After that it is kept in quarantine."""

QUARANTINED = 200
"""Messages in quarantine that one tick looks at again."""

T = TypeVar("T")


async def apply_receipts(book: ReceiptStore, receipts: Sequence[Receipt]) -> None:
    """Join `receipts` into their rows, and keep those that have no row yet. Safe to repeat.

    Raises Unavailable where the store does not answer or others keep changing the same rows; some of the
    receipts may have been applied by then.
    """
    by_message: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_message[receipt.message_id].append(receipt)
    for names in batched(by_message, COMMIT_SIZE):
        part = [receipt for name in names for receipt in by_message[name]]

        async def attempt(names: Sequence[str] = names, part: Sequence[Receipt] = part) -> None:
            changes, early = settle(await book.rows(names), part)
            await book.commit(changes=changes, early=early)
            _tell(changes)

        await _until_it_holds(attempt)


async def join_early(book: ReceiptStore, limit: int, now: datetime) -> int:
    """Join receipts that came before their row, of up to `limit` messages; answers how many had a row now.

    Those that wait for longer than `PATIENCE` go to quarantine, where they are looked at ever more rarely.
    """
    names = dict.fromkeys([*await book.waiting(limit), *await book.to_look_at(now, QUARANTINED)])
    return await join_kept(book, list(names), now)


async def join_kept(book: ReceiptStore, message_ids: Sequence[str], now: datetime) -> int:
    """The same for these messages, quarantined or not: the last look before a silent row is given up."""
    found = 0
    for names in batched(message_ids, COMMIT_SIZE):

        async def attempt(names: Sequence[str] = names) -> int:
            kept = await book.early(names)
            rows = await book.rows([entry.message_id for entry in kept])
            changes, _ = settle(rows, [receipt for entry in kept for receipt in entry.receipts])
            joined = [entry for entry in kept if entry.message_id in rows]
            missing = [entry for entry in kept if entry.message_id not in rows]
            late = [quarantined(entry, now) for entry in missing if now - entry.since > PATIENCE]
            await book.commit(changes=changes, joined=joined, quarantined=late)
            _tell(changes)
            return len(joined)

        found += await _until_it_holds(attempt)
    return found


def _tell(changes: Sequence[RowChange]) -> None:
    """A line for each campaign; it names the chunks as well, for a commit mostly concerns one or two."""
    chunks: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        chunks[change.after.campaign_id].append(change.after.chunk_id)
    for campaign_id, moved in chunks.items():
        ids = {"campaign_id": campaign_id, "chunk_ids": sorted(set(moved))}
        logger.info("receipts of %d recipients applied", len(moved), extra={"ids": ids})


async def _until_it_holds(attempt: Callable[[], Awaitable[T]]) -> T:
    """Repeat what reads, decides and commits until no other commit came in between."""
    for turn in range(ATTEMPTS):
        try:
            return await attempt()
        except Conflict:
            await asyncio.sleep(random.uniform(0, PAUSE * 2**turn))  # noqa: S311  # jitter, no secret
    raise Unavailable("The same messages are being changed too often at once.", retry_after=1)
