"""What happened month by month: customers who came, orders and what they were worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import dropwhile, pairwise

import numpy as np
import numpy.typing as npt

from crm.audience.changes import EPOCH, MICROSECOND
from crm.audience.numbers import Mask, Numbers
from crm.audience.parts import Part
from crm.audience.snapshot import Snapshot
from crm.domain.fields import COUNTED_STATUS
from crm.domain.money import Money

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Month:
    """A month as `2026-01`: completed orders of a positive amount, and the sum of all completed amounts."""

    month: str
    customers_new: int
    orders: int
    spend: Money


@dataclass(frozen=True, slots=True, eq=False)
class _Happened:
    """When customers came, and when completed orders were placed, in microseconds, with their amounts."""

    created: Whole
    placed: Whole
    amounts: Whole


def months(snapshot: Snapshot, now: datetime, zone: tzinfo, most: int) -> Sequence[Month]:
    """The last months of `zone` up to `now` in which anything happened, at most so many; oldest first.

    They end with the latest month in which there was anything, and begin with the first.
    """
    happened = [_happened(part, counts) for part, counts in snapshot.parts if part.size]
    until = _instant(now)
    at = np.concatenate(
        [each for one in happened for each in (one.created, one.placed)] or [np.zeros(0, np.int64)]
    )
    past = at[at <= until]
    if not len(past):
        return []
    last = (EPOCH + int(past.max()) * MICROSECOND).astimezone(zone)
    starts = [_month(last, most - 1 - step, zone) for step in range(most + 1)]
    edges = np.array([_instant(start) for start in starts])
    edges[-1] = min(int(edges[-1]), until + 1)
    found = sum((_counted(one, edges) for one in happened), np.zeros((3, most), np.int64))
    every = [Month(f"{start:%Y-%m}", *map(int, found[:, place])) for place, start in enumerate(starts[:-1])]
    return list(dropwhile(lambda each: not (each.customers_new or each.orders or each.spend), every))


def _happened(part: Part, counts: Mask) -> _Happened:
    came = part.numbers("created_at")
    orders = part.orders
    done = np.flatnonzero(orders.statuses().equal(COUNTED_STATUS) & counts[orders.row])
    placed = orders.columns["placed_at"]
    assert isinstance(placed, Numbers)
    return _Happened(
        came.numbers(np.flatnonzero(counts & came.has())),
        placed.numbers(done),
        orders.amounts().numbers(done),
    )


def _counted(happened: _Happened, edges: Whole) -> Whole:
    """Three rows of figures, a column a month."""
    found = np.zeros((3, len(edges) - 1), np.int64)
    for place, (first, beyond) in enumerate(pairwise(edges)):
        amounts = happened.amounts[(happened.placed >= first) & (happened.placed < beyond)]
        found[:, place] = (
            np.count_nonzero((happened.created >= first) & (happened.created < beyond)),
            np.count_nonzero(amounts > 0),
            amounts.sum(),
        )
    return found


def _month(at: datetime, before: int, zone: tzinfo) -> datetime:
    """The start of the month so many before that of `at`."""
    year, month = divmod(at.year * 12 + at.month - 1 - before, 12)
    return datetime(max(year, 1), month + 1, 1, tzinfo=zone)


def _instant(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
