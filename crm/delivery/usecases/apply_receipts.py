"""Apply receipts: change the rows of the communication log, and the counters with them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from crm.delivery.ports import ReceiptStore
from crm.delivery.receipt_commits import COMMIT_SIZE, log_applied, until_committed
from crm.delivery.receipts import Receipt, settle
from crm.kernel.batches import batched


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReceipts:
    """Joins receipts into their rows, and keeps those that have no row yet."""

    receipts: ReceiptStore
    pause: Callable[[int], Awaitable[None]]

    async def __call__(self, receipts: Sequence[Receipt]) -> None:
        """Apply `receipts`, commit by commit. Safe to repeat.

        Raises Unavailable where the store does not answer or the same rows keep changing; some of the
        receipts may have been applied by then.
        """
        by_message: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in receipts:
            by_message[receipt.message_id].append(receipt)
        for message_ids in batched(by_message, COMMIT_SIZE):
            part = [receipt for name in message_ids for receipt in by_message[name]]

            async def attempt(
                message_ids: Sequence[str] = message_ids, part: Sequence[Receipt] = part
            ) -> None:
                changes, unmatched = settle(await self.receipts.rows(message_ids), part)
                await self.receipts.commit(changes=changes, unmatched=unmatched)
                log_applied(changes)

            await until_committed(attempt, self.pause)
