"""What the use cases that change rows by receipts share: repeated attempts, and a log line a campaign."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from crm.delivery.row_changes import RowChange
from crm.kernel.errors import Conflict, Unavailable

logger = logging.getLogger(__name__)

COMMIT_SIZE = 500
"""Messages whose rows one commit changes."""

ATTEMPTS = 8
"""Attempts at a commit before the receipts have to be delivered again."""

T = TypeVar("T")


async def until_committed(attempt: Callable[[], Awaitable[T]], pause: Callable[[int], Awaitable[None]]) -> T:
    """Repeat an attempt to read, decide and commit until no other commit came in between.

    `pause(attempt)` waits between two attempts. Raises Unavailable after `ATTEMPTS`.
    """
    for number in range(ATTEMPTS):
        try:
            return await attempt()
        except Conflict:
            await pause(number)
    raise Unavailable("The same messages are being changed by too many concurrent calls.", retry_after=1)


def log_applied(changes: Sequence[RowChange]) -> None:
    """One line a campaign, with its chunks: a commit mostly concerns one or two."""
    chunks: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        chunks[change.after.campaign_id].append(change.after.chunk_id)
    for campaign_id, changed in chunks.items():
        ids = {"campaign_id": campaign_id, "chunk_ids": sorted(set(changed))}
        logger.info("receipts of %d recipients applied", len(changed), extra={"ids": ids})
