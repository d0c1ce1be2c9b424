"""Wait a moment for the rows that receipts speak of.

A vendor may report on a message before whoever sent it has written its row down. Such receipts are kept and
joined later, at three times the cost; mostly the row is there a moment later.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from crm.delivery.message_ids import is_ours
from crm.delivery.ports import ReceiptStore
from crm.delivery.receipts import Receipt

PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds after each look that misses a row. After the last of them the receipts are early."""


async def await_rows(
    book: ReceiptStore, receipts: Sequence[Receipt], sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Return when the first and the last of `receipts` have their rows, or after all of `PAUSES`.

    Receipts that come together are mostly of one chunk, whose rows appear at once, or of two. This promises
    nothing: it only makes early receipts rare. Raises Unavailable.
    """
    ends = dict.fromkeys(receipt.message_id for receipt in (receipts[0], receipts[-1]))
    missing = [name for name in ends if is_ours(name)]
    for pause in PAUSES:
        found = await book.rows(missing) if missing else {}
        missing = [name for name in missing if name not in found]
        if not missing:
            return
        await sleep(pause)
