"""Monthly figures: new customers, orders and spend."""

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
"""Consecutive months without figures that are still included."""

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of one month."""

    month: str
    """`2026-01`."""
    customers_new: int
    orders: int
    """Completed orders of a positive amount."""
    spend: Money
    """Sum of the amounts of all completed orders."""


@dataclass(frozen=True, slots=True, eq=False)
class _Events:
    """The new customers and the completed orders of a part. Times are microseconds since EPOCH."""

    created: Whole
    placed: Whole
    amounts: Whole


def months(snapshot: Snapshot, now: datetime, zone: tzinfo, most: int) -> Sequence[Month]:
    """The latest months up to `now` with new customers or orders, at most `most`, oldest first.

    Months begin in `zone`. Gaps of up to `SHORT_GAP` months are included; longer ones are left out, so that
    one late order does not hide the years before it.
    """
    events = [_events(part, counts) for part, counts in snapshot.parts if part.size]
    until = _instant(now) + 1
    at = np.concatenate(
        [each for one in events for each in (one.created, one.placed)] or [np.zeros(0, np.int64)]
    )
    starts = _starts(at[at < until], zone, most)
    spans = [(_instant(start), min(_instant(_month(start, -1, zone)), until)) for start in starts]
    found = sum((_counted(one, spans) for one in events), np.zeros((3, len(spans)), np.int64))
    return [Month(f"{start:%Y-%m}", *map(int, found[:, place])) for place, start in enumerate(starts)]


def _starts(at: Whole, zone: tzinfo, most: int) -> list[datetime]:
    """The starts of the months to return, oldest first."""
    starts: list[datetime] = []
    while at.size and len(starts) < most:
        start = _month((EPOCH + int(at.max()) * MICROSECOND).astimezone(zone), 0, zone)
        gap = _number(starts[-1]) - _number(start) - 1 if starts else 0
        if gap <= SHORT_GAP:
            starts += [_month(starts[-1], before, zone) for before in range(1, gap + 1)]
        starts.append(start)
        at = at[at < _instant(start)]
    return starts[:most][::-1]


def _events(part: Part, counts: Mask) -> _Events:
    created = part.numbers("created_at")
    orders = part.orders
    done = np.flatnonzero(orders.statuses().equal(COUNTED_STATUS) & counts[orders.row])
    placed = orders.columns["placed_at"]
    assert isinstance(placed, Numbers)
    return _Events(
        created.numbers(np.flatnonzero(counts & created.has())),
        placed.numbers(done),
        orders.amounts().numbers(done),
    )


def _counted(events: _Events, spans: Sequence[tuple[int, int]]) -> Whole:
    """New customers, orders and spend in three rows, with a column for each month."""
    found = np.zeros((3, len(spans)), np.int64)
    for place, (first, beyond) in enumerate(spans):
        amounts = events.amounts[(events.placed >= first) & (events.placed < beyond)]
        found[:, place] = (
            np.count_nonzero((events.created >= first) & (events.created < beyond)),
            np.count_nonzero(amounts > 0),
            amounts.sum(),
        )
    return found


def _month(at: datetime, before: int, zone: tzinfo) -> datetime:
    """The start of the month that lies `before` months before that of `at`."""
    year, month = divmod(_number(at) - before, 12)
    return datetime(max(year, 1), month + 1, 1, tzinfo=zone)


def _number(at: datetime) -> int:
    return at.year * 12 + at.month - 1


def _instant(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
