"""Finish erasures: remove what the commit of an erasure could not reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from crm.customers.customer_key import customer_key
from crm.privacy.erasure_queue import PendingErasure

SETTLED: Final = timedelta(minutes=15)
"""How old an erasure is before it is finished. No request lives so long, so by then none can still write
what it had read before the erasure."""

ERASURES: Final = 200
"""Erasures of one call."""

PAGE: Final = 50
"""Segments of one read, and snapshots that one step of purging a segment deletes."""


class ErasureQueue(Protocol):
    """Stores pending erasures."""

    async def due(self, queued_before: datetime, limit: int) -> Sequence[PendingErasure]:
        """Up to `limit` erasures, the oldest first."""

    async def save_progress(self, erasures: Sequence[PendingErasure], after: str) -> None:
        """Store that all segments up to the id `after` are done."""

    async def remove(self, erasures: Sequence[PendingErasure]) -> None:
        """Take finished erasures out of the queue."""


class SegmentErasure(Protocol):
    """Erases from segment snapshots."""

    async def segment_ids(self, after: str | None, limit: int) -> Sequence[str]:
        """Up to `limit` ids in ascending order, those greater than `after`."""

    async def erase_customers(self, segment_id: str, customer_ids: Collection[str]) -> None:
        """Remove customers from every snapshot of a segment. Safe to repeat."""

    async def purge_segment(self, segment_id: str, limit: int) -> bool:
        """Delete up to `limit` snapshots and versions of a deleted segment; True if none are left."""


class ImportErasure(Protocol):
    """Erases from the results of imports."""

    async def erase_customers(self, customer_ids: Collection[str]) -> None:
        """Remove customers from all results. Safe to repeat."""


class LetterErasure(Protocol):
    """Erases from dead letters."""

    async def erase_customer(self, key: str) -> None:
        """Remove the customer with this key from the letters that are known to name them. Safe to repeat."""

    async def erase_mentions(self, customer_ids: Collection[str]) -> None:
        """Remove customers from the letters of which it is not known whom they name. Safe to repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishErasures:
    """Removes what erased customers and deleted segments left behind. Safe to repeat and to interrupt: an
    erasure stays in the queue until it is finished."""

    queue: ErasureQueue
    segments: SegmentErasure
    imports: ImportErasure
    letters: LetterErasure
    settled: timedelta = SETTLED

    async def __call__(self, now: datetime) -> None:
        """Finish the oldest erasures that were queued `settled` ago or earlier. Raises Unavailable."""
        due = await self.queue.due(now - self.settled, ERASURES)
        if not due:
            return
        # Erasures that are equally far share the walk over all segments.
        due = [erasure for erasure in due if erasure.after == due[0].after]
        for erasure in due:
            if erasure.what == "segment":
                while not await self.segments.purge_segment(erasure.name, PAGE):
                    pass
        customers = [erasure.name for erasure in due if erasure.what == "customer"]
        for customer_id in customers:
            await self.letters.erase_customer(customer_key(customer_id))  # one was kept during the erasure
        if customers:
            await self.letters.erase_mentions(customers)
            await self.imports.erase_customers(customers)
            await self._erase_from_segments(due, customers)
        await self.queue.remove(due)

    async def _erase_from_segments(self, due: Sequence[PendingErasure], customers: Sequence[str]) -> None:
        after = due[0].after
        while True:
            page = await self.segments.segment_ids(after, PAGE)
            for segment_id in page:
                await self.segments.erase_customers(segment_id, customers)
            if len(page) < PAGE:
                return
            after = page[-1]
            await self.queue.save_progress(due, after)
