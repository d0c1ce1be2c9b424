"""One piece of work for the receipts of many callers."""

from collections.abc import Awaitable, Callable, Sequence

from crm.domain.errors import Unavailable
from crm.domain.receipts import Receipt
from crm.entry.grouping import Grouper

LANES = 2
"""Pieces of work that go on at once."""


def shared(
    work: Callable[[list[Receipt]], Awaitable[None]], window_ms: int, size: int
) -> Grouper[Sequence[Receipt], None]:
    """A grouper that does `work` once for about `size` receipts of concurrent callers.

    Where that fails, and not for want of a neighbour, it is done again for each caller: a poisoned one stops
    no other.
    """

    async def together(group: list[Sequence[Receipt]]) -> list[Exception | None]:
        try:
            await work([receipt for receipts in group for receipt in receipts])
        except Unavailable:
            raise
        except Exception as error:
            return [error] if len(group) == 1 else [await alone(receipts) for receipts in group]
        return [None] * len(group)

    async def alone(receipts: Sequence[Receipt]) -> Exception | None:
        try:
            await work(list(receipts))
        except Exception as error:
            return error
        return None

    return Grouper(together, window_ms / 1000, size, weight=len, lanes=LANES)
