"""What happened month by month: customers who came, orders and what they were worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from crm.audience.engine.numbers import Mask, Numbers
from crm.audience.engine.parts import Part
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.fields import COUNTED_STATUS
from crm.customers.changes import EPOCH, MICROSECOND
from crm.kernel.money import Money

SHORT_GAP: Final = 3
"""Months without anything that are told all the same."""

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
    """The latest months of `zone` up to `now` in which anything happened, at most so many; oldest first.

    Where nothing happened for up to `SHORT_GAP` months those are among them; longer gaps are left out, so
    that one late order does not hide all that came years before.
    """
    happened = [_happened(part, counts) for part, counts in snapshot.parts if part.size]
    until = _instant(now) + 1
    at = np.concatenate(
        [each for one in happened for each in (one.created, one.placed)] or [np.zeros(0, np.int64)]
    )
    starts = _starts(at[at < until], zone, most)
    spans = [(_instant(start), min(_instant(_month(start, -1, zone)), until)) for start in starts]
    found = sum((_counted(one, spans) for one in happened), np.zeros((3, len(spans)), np.int64))
    return [Month(f"{start:%Y-%m}", *map(int, found[:, place])) for place, start in enumerate(starts)]


def _starts(at: Whole, zone: tzinfo, most: int) -> list[datetime]:
    """When the months begin that are told, oldest first."""
    starts: list[datetime] = []
    while at.size and len(starts) < most:
        start = _month((EPOCH + int(at.max()) * MICROSECOND).astimezone(zone), 0, zone)
        gap = _number(starts[-1]) - _number(start) - 1 if starts else 0
        if gap <= SHORT_GAP:
            starts += [_month(starts[-1], before, zone) for before in range(1, gap + 1)]
        starts.append(start)
        at = at[at < _instant(start)]
    return starts[:most][::-1]


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


def _counted(happened: _Happened, spans: Sequence[tuple[int, int]]) -> Whole:
    """Three rows of figures, a column a month."""
    found = np.zeros((3, len(spans)), np.int64)
    for place, (first, beyond) in enumerate(spans):
        amounts = happened.amounts[(happened.placed >= first) & (happened.placed < beyond)]
        found[:, place] = (
            np.count_nonzero((happened.created >= first) & (happened.created < beyond)),
            np.count_nonzero(amounts > 0),
            amounts.sum(),
        )
    return found


def _month(at: datetime, before: int, zone: tzinfo) -> datetime:
    """The start of the month so many before that of `at`."""
    year, month = divmod(_number(at) - before, 12)
    return datetime(max(year, 1), month + 1, 1, tzinfo=zone)


def _number(at: datetime) -> int:
    return at.year * 12 + at.month - 1


def _instant(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
