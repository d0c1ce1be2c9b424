"""Reapply erasures to a restored database: its backup holds customers who were erased since."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.ports import ErasureLedger
from crm.privacy.usecases.erase import EraseCustomer

PAGE: Final = 200
"""Entries that are looked up together."""

CONCURRENCY: Final = 8
"""Customers erased concurrently."""

State = Literal["erased", "held", "unknown"]
"""What the database says of somebody in the ledger: erased, held still, or nothing."""


class ErasedCustomers(Protocol):
    """Knows who was erased, and marks those who must not come back."""

    async def erased_at(self, keys: Sequence[str]) -> Mapping[str, datetime | None]:
        """When the customers of these keys that exist were erased, if they were. Raises Unavailable."""

    async def mark_erased(self, key: str, at: datetime) -> None:
        """Store that the customer with this key was erased, unless there is one. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReapplyErasures:
    """Erases whom the ledger names. Safe to repeat and to interrupt.

    Who is in the ledger and not in the database came after the backup, or was never stored as a customer.
    They are marked as erased, so that records that arrive once more are refused, and removed from dead
    letters.
    """

    ledger: ErasureLedger
    customers: ErasedCustomers
    erase: EraseCustomer

    record: Callable[[str], AbstractAsyncContextManager[None]]
    """Runs the erasure of the customer with this key as an audited action."""

    async def __call__(self, now: datetime, dry_run: bool = False) -> Mapping[State, int]:
        """How many of the ledger were found in which state. A dry run changes nothing. Raises Unavailable."""
        found: Counter[State] = Counter()
        async for page in self._pages():
            known = await self.customers.erased_at([entry.key for entry in page])
            states = [(entry, _state(entry.key, known)) for entry in page]
            found.update(state for _, state in states)
            if dry_run:
                continue
            waiting = iter(states)

            async def work(waiting: Iterator[tuple[LedgerEntry, State]] = waiting) -> None:
                for entry, state in waiting:
                    await self._apply(entry, state, now)

            await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return found

    async def _pages(self) -> AsyncIterator[list[LedgerEntry]]:
        page: list[LedgerEntry] = []
        async for entry in self.ledger.entries():
            page.append(entry)
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

    async def _apply(self, entry: LedgerEntry, state: State, now: datetime) -> None:
        if state == "held":
            async with self.record(entry.key):
                await self.erase(entry.key, now)
            return
        if state == "unknown":
            await self.customers.mark_erased(entry.key, entry.at)
        await self.erase(entry.key, now)  # finishes an erasure that the backup cut in two


def _state(key: str, erased_at: Mapping[str, datetime | None]) -> State:
    if key not in erased_at:
        return "unknown"
    return "held" if erased_at[key] is None else "erased"
