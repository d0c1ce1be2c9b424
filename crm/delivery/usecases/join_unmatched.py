"""Join unmatched receipts into rows that exist by now."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.delivery.ports import ReceiptStore
from crm.delivery.receipt_commits import COMMIT_SIZE, log_applied, until_committed
from crm.delivery.receipts import settle
from crm.delivery.unmatched_receipts import is_overdue, quarantined
from crm.kernel.batches import batched


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinUnmatched:
    """Looks for the rows of given messages."""

    receipts: ReceiptStore
    pause: Callable[[int], Awaitable[None]]

    async def __call__(self, message_ids: Sequence[str], now: datetime) -> int:
        """Join the receipts of these messages, quarantined or not; the number of messages that had a row.

        Receipts that have waited too long for their row go to quarantine. Safe to repeat. Raises Unavailable.
        """
        found = 0
        for part in batched(message_ids, COMMIT_SIZE):

            async def attempt(part: Sequence[str] = part) -> int:
                return await self._join(part, now)

            found += await until_committed(attempt, self.pause)
        return found

    async def _join(self, message_ids: Sequence[str], now: datetime) -> int:
        entries = await self.receipts.unmatched(message_ids)
        rows = await self.receipts.rows([entry.message_id for entry in entries])
        changes, _ = settle(rows, [receipt for entry in entries for receipt in entry.receipts])
        joined = [entry for entry in entries if entry.message_id in rows]
        missing = [entry for entry in entries if entry.message_id not in rows]
        overdue = [quarantined(entry, now) for entry in missing if is_overdue(entry, now)]
        await self.receipts.commit(changes=changes, joined=joined, quarantined=overdue)
        log_applied(changes)
        return len(joined)
