"""The installation at a glance, from one snapshot: how many customers, how many reached, what they bought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import numpy as np

from crm.audience.engine.months import Month, months
from crm.audience.engine.reach import reasons
from crm.audience.engine.snapshot import Snapshot
from crm.customers.values import CHANNELS, Channel
from crm.kernel.money import Money

MONTHS: Final = 24
"""Months that are shown at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`reachable` by channel; `orders` and `spend` as customers' totals count them; `months` oldest first."""

    customers: int
    reachable: Mapping[Channel, int]
    orders: int
    spend: Money
    months: Sequence[Month]
    as_of: datetime


def overview(snapshot: Snapshot, now: datetime, zone: tzinfo) -> Overview:
    """What there is in all."""
    return Overview(
        customers=snapshot.total,
        reachable={channel: _reachable(snapshot, channel) for channel in CHANNELS},
        orders=_sum(snapshot, "order_count"),
        spend=_sum(snapshot, "total_spend"),
        months=months(snapshot, now, zone, MONTHS),
        as_of=snapshot.as_of,
    )


def _reachable(snapshot: Snapshot, channel: Channel) -> int:
    unreachable = sum(
        int(np.count_nonzero(counts & mask))
        for part, counts in snapshot.parts
        for mask in reasons(part, channel).values()
    )
    return snapshot.total - unreachable


def _sum(snapshot: Snapshot, name: str) -> int:
    return sum(
        int(part.numbers(name).numbers(np.flatnonzero(counts)).sum()) for part, counts in snapshot.parts
    )
