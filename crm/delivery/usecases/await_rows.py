"""Wait briefly for the rows of receipts.

A vendor may report on a message before its row is written. Such receipts can be stored as unmatched and
joined later, at three times the cost; mostly the row is there soon after.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from crm.delivery.message_ids import is_ours
from crm.delivery.ports import ReceiptStore
from crm.delivery.receipts import Receipt

PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds to wait after each look that misses a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRows:
    """Makes unmatched receipts rare; guarantees nothing."""

    receipts: ReceiptStore
    sleep: Callable[[float], Awaitable[None]]

    async def __call__(self, receipts: Sequence[Receipt]) -> None:
        """Return when the first and the last of `receipts` have their rows, or after all of `PAUSES`.

        Receipts of one call mostly belong to one chunk, whose rows appear together, or to two.
        Raises Unavailable.
        """
        ends = dict.fromkeys(receipt.message_id for receipt in (receipts[0], receipts[-1]))
        missing = [name for name in ends if is_ours(name)]
        for pause in PAUSES:
            found = await self.receipts.rows(missing) if missing else {}
            missing = [name for name in missing if name not in found]
            if not missing:
                return
            await self.sleep(pause)
