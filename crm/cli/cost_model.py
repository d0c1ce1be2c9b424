"""What a month costs on paper: from volume to work, from work to units, from units to dollars.

Work is counted in documents read, written and deleted, in requests, and in bytes. What one record and one
message take is held against the code by a test that counts on the emulator (tests/cli/test_cost.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crm.cli.prices import DAYS, LIST, Price

KIB: Final = 1 / 2**20
"""Of a GiB."""

CHUNK: Final = 500

ORDER_READS, ORDER_WRITES = 2, 2
"""The order and its customer; besides, every commit writes its changes once into the audience's log."""

MESSAGE_READS, MESSAGE_WRITES = 2, 2
"""The customer when it is sent, the row when its receipt comes; the row, and the row again."""

CHUNK_READS, CHUNK_WRITES = 3, 4
"""The campaign and the chunk; the chunk made, claimed and finished, and a shard of the counters."""

LOG_READS, LOG_WRITES, LOG_DELETES = 3, 1, 2
"""A document of the log: read by the instances of web app and sender and by the compactor, which writes about
one block for it, and deletes it and the block before."""

CHECKS_A_DAY: Final = 3 * 4 * 24
"""Whether the app answers: from three continents, every quarter of an hour."""

TICK_READS: Final = 11
"""Queries of a tick that finds nothing to do; each costs a read."""

CUSTOMERS_A_BLOCK: Final = 16_000
COLD_STARTS: Final = 20
"""Starts of an instance a day that load all blocks, where anything is done at all."""

SHORTEST: Final = 0.1
"""Seconds that a request is charged for at least."""

PREVIEW: Final = 0.3
SENDING: Final = 3.0
TICK: Final = 0.2
CHECK: Final = 2.0
"""Seconds that a count, a chunk, a tick, and a check with a cold start take."""

SMALL, BIG = 0.5, 2.0
"""GiB of an instance."""

RECEIPTS_A_CALL: Final = 100
CUSTOMER_KIB, ORDER_KIB, ROW_KIB = 1.6, 0.7, 1.0
"""A document with its index entries."""

OUT_KIB: Final = 1.0
"""A message on its way to a vendor outside Google's region: address, text, and its part of the call."""

IMAGES_GIB: Final = 2.0
SECRETS: Final = 6
CONDITIONS: Final = 14

SERIES_AT_REST, SERIES = 9, 39
"""What alerts look at: gauges that are always there, and all that can be there while anything is done."""

LOOKS: Final = 86_400
"""How often a month: every half minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What is done in a month. `recipients` are of one campaign; orders and rows are kept for `months`.

    `orders_a_call` is how many the shop posts at once. `warm` instances are kept ready.
    """

    customers: int = 0
    orders_per_day: int = 0
    campaigns: int = 0
    recipients: int = 0
    previews_per_day: int = 0
    orders_a_call: int = 1
    months: int = 12
    backup_days: int = 14
    warm: int = 0

    @property
    def is_used(self) -> bool:
        """Whether anything is done at all."""
        return bool(self.orders_per_day or self.messages or self.previews_per_day)

    @property
    def messages(self) -> int:
        """Messages of a month."""
        return self.campaigns * self.recipients


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the bill."""

    name: str
    units: float
    unit: str
    dollars: float


def bill(volume: Volume, prices: Mapping[str, Price] = LIST) -> list[Line]:
    """Every item of a month's bill, in the order of the price list."""
    units = _units(volume)
    return [Line(name, units[name], price.unit, price.of(units[name])) for name, price in prices.items()]


def total(volume: Volume, prices: Mapping[str, Price] = LIST) -> float:
    """Dollars of a month."""
    return sum(line.dollars for line in bill(volume, prices))


def per_million(volume: Volume, prices: Mapping[str, Price] = LIST) -> float:
    """Dollars that a million more messages of a month cost, free amounts used up: reads to backups."""
    units: dict[str, float] = defaultdict(float)
    for part in _messages(1_000_000):
        _add(units, part)
    units["stored"] += 1_000_000 * ROW_KIB * KIB * volume.months
    units["past"] += units["stored"]
    units["backups"] += units["stored"] * volume.backup_days
    return sum(prices[name].each * amount for name, amount in units.items())


def _units(volume: Volume) -> dict[str, float]:
    units: dict[str, float] = defaultdict(float)
    for part in (
        *_always(volume),
        *_records(volume),
        *_audience(volume),
        *_messages(volume.messages),
        _at_rest(volume),
    ):
        _add(units, part)
    return units


def _always(volume: Volume) -> Iterator[dict[str, float]]:
    ticks = DAYS * 24 * 60
    yield {"reads": ticks * TICK_READS, **_requests(ticks, TICK, BIG), "jobs": 1}
    yield _requests(CHECKS_A_DAY * DAYS, CHECK, BIG)
    series = SERIES if volume.is_used else SERIES_AT_REST
    yield {"secrets": SECRETS, "images": IMAGES_GIB, "alerts": CONDITIONS, "series": LOOKS * series}


def _records(volume: Volume) -> Iterator[dict[str, float]]:
    orders = volume.orders_per_day * DAYS
    calls = orders / volume.orders_a_call
    yield {"reads": orders * ORDER_READS, "writes": orders * ORDER_WRITES + calls}
    yield {"reads": calls * LOG_READS, "writes": calls * LOG_WRITES, "deletes": calls * LOG_DELETES}
    yield _requests(2 * calls, SHORTEST, SMALL)  # ingest and consumer
    yield {"carried": 2 * max(calls, orders * 0.4) * KIB, "logged": 2 * calls * KIB}


def _audience(volume: Volume) -> Iterator[dict[str, float]]:
    previews = volume.previews_per_day * DAYS
    is_used = bool(previews or volume.messages)
    yield {"reads": 3 * previews, **_requests(previews, PREVIEW, BIG)}
    yield {"reads": is_used * COLD_STARTS * DAYS * volume.customers / CUSTOMERS_A_BLOCK}


def _messages(messages: int) -> Iterator[dict[str, float]]:
    chunks, calls = messages / CHUNK, messages / RECEIPTS_A_CALL
    yield {
        "reads": messages * MESSAGE_READS + chunks * CHUNK_READS,
        "writes": messages * MESSAGE_WRITES + chunks * CHUNK_WRITES,
    }
    yield _requests(chunks, SENDING, BIG)
    yield _requests(2 * calls, SHORTEST, SMALL)  # taken, and applied
    yield {"carried": 2 * (chunks + messages * 0.15) * KIB, "logged": (2 * chunks + 2 * calls) * KIB}
    yield {"sent": messages * OUT_KIB * KIB}


def _at_rest(volume: Volume) -> dict[str, float]:
    orders = volume.orders_per_day * DAYS * volume.months
    rows = volume.messages * volume.months
    kib = volume.customers * CUSTOMER_KIB + orders * ORDER_KIB + rows * ROW_KIB
    seconds = volume.warm * DAYS * 24 * 3600
    return {
        "stored": kib * KIB,
        "past": kib * KIB,
        "backups": kib * KIB * volume.backup_days,
        "warm_cpu": seconds,
        "warm_memory": seconds * BIG,
    }


def _add(units: dict[str, float], part: Mapping[str, float]) -> None:
    for name, amount in part.items():
        units[name] += amount


def _requests(count: float, seconds: float, gib: float) -> dict[str, float]:
    return {"requests": count, "cpu": count * seconds, "memory": count * seconds * gib}
