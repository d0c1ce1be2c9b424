"""Remove traces of erased customers and deleted segments that their own commit could not reach."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from crm.privacy.erasure_queue import PendingErasure

SETTLED: Final = timedelta(minutes=15)
"""By then nobody writes any more what was read before the erasure: no request lives so long."""

AT_ONCE: Final = 200
PAGE: Final = 50
"""Segments of one read, and points that one step of a purge deletes."""


class ErasureQueue(Protocol):
    """What is still to be forgotten."""

    async def before(self, at: datetime, limit: int) -> Sequence[PendingErasure]:
        """Up to `limit` that were noted before that time, the oldest first."""

    async def reached(self, things: Sequence[PendingErasure], after: str) -> None:
        """Remember that the segments up to this id are done."""

    async def done(self, things: Sequence[PendingErasure]) -> None:
        """Strike these off."""


class Traces(Protocol):
    """Where traces may be."""

    async def segments(self, after: str | None, limit: int) -> Sequence[str]:
        """The ids of up to `limit` segments, from `after` on."""

    async def forget(self, segment_id: str, customer_ids: Collection[str]) -> None:
        """Remove customers from every point of a segment. Safe to repeat."""

    async def purge(self, segment_id: str, limit: int) -> bool:
        """Delete some of what lies beneath a segment that is gone; whether that was all."""


class Told(Protocol):
    """Where else customers are named."""

    async def forget(self, customer_ids: Collection[str]) -> None:
        """Remove customers. Safe to repeat."""


async def forget(
    things: ErasureQueue, traces: Traces, told: Told, now: datetime, settled: timedelta = SETTLED
) -> None:
    """Remove the traces of all that was noted `settled` ago. Safe to repeat, and to be stopped anywhere:
    what is not struck off is looked for again."""
    due = await things.before(now - settled, AT_ONCE)
    if not due:
        return
    due = [thing for thing in due if thing.after == due[0].after]
    for thing in due:
        if thing.what == "segment":
            while not await traces.purge(thing.name, PAGE):
                pass
    customers = [thing.name for thing in due if thing.what == "customer"]
    if customers:
        await told.forget(customers)
    after = due[0].after
    while customers:
        page = await traces.segments(after, PAGE)
        for segment_id in page:
            await traces.forget(segment_id, customers)
        if len(page) < PAGE:
            break
        after = page[-1]
        await things.reached(due, after)
    await things.done(due)
