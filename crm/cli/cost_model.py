"""Estimates the monthly bill: from volume to operations, from operations to billed units, to US dollars.

Operations are documents read, written and deleted, requests, and bytes. A test counts what one record and one
message take on the emulator and compares it with the constants here (tests/cli/test_cost.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crm.cli.prices import DAYS, LIST, Price
from crm.retention import PERIODS

KIB: Final = 1 / 2**20
"""One KiB in GiB."""

CHUNK: Final = 500
"""Messages of a chunk."""

ORDER_READS, ORDER_WRITES = 2, 2
"""Per order: the order and its customer. Each commit also writes one document of the change log."""

MESSAGE_READS, MESSAGE_WRITES = 2, 2
"""Per message: reads the customer when sending and the row at its receipt; writes the row at each."""

RECEIPT_READS, RECEIPT_WRITES = 1, 1
"""Per receipt after the first, that a message was opened or clicked: reads and writes the row."""

CHUNK_READS, CHUNK_WRITES = 3, 4
"""Per chunk: reads the campaign and the chunk; writes the chunk when it is created, claimed and finished, and
a shard of the counters."""

LOG_READS, LOG_WRITES, LOG_DELETES = 3, 1, 2
"""Per document of the change log: the instances of campaigns and deliver and the compactor read it. The
compactor writes about one block for it, and deletes it and the previous block."""

CHECKS_A_DAY: Final = 3 * 4 * 24
"""Uptime checks: from three continents, every quarter of an hour."""

TICK_READS: Final = 11
"""Queries of a tick that finds nothing to do; each costs one read."""

CUSTOMERS_A_BLOCK: Final = 16_000
COLD_STARTS: Final = 20
"""Instance starts per day that load all blocks, if the system is used at all."""

SHORTEST: Final = 0.1
"""Minimum seconds that a request is charged for."""

PREVIEW: Final = 0.3
SENDING: Final = 3.0
TICK: Final = 0.2
CHECK: Final = 2.0
"""Seconds of an audience preview, a chunk, a tick, and an uptime check with a cold start."""

SMALL, BIG = 0.5, 2.0
"""GiB of memory of an instance."""

RECEIPTS_A_CALL: Final = 100
CUSTOMER_KIB, ORDER_KIB, ROW_KIB = 1.6, 0.7, 1.0
"""A document with its index entries."""

MEMBER_KIB: Final = 8 / 1024
"""A customer's id in a segment snapshot, packed: 2 bytes where ids count up, 22 where they are random."""

TICK_LINE_KIB: Final = 0.3
"""What a tick logs when it is done."""

IMAGES_GIB: Final = 2.0
SECRETS: Final = 7
CONDITIONS: Final = 22

SERIES_WHEN_IDLE, SERIES = 11, 63
"""Time series that alerts query: the gauges that always exist, and all that can exist while in use."""

LEVEL_CONDITIONS: Final = 8
"""Conditions of service levels, each of one series."""

LOOKS: Final = 86_400
"""Alert evaluations per month: one every half minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """The use of a system in one month."""

    customers: int = 0
    orders_per_day: int = 0
    campaigns: int = 0
    """Per month."""

    recipients: int = 0
    """Per campaign."""

    previews_per_day: int = 0
    orders_a_call: int = 1
    """Orders per call of the ingest API."""

    months: int = 12
    """For how long orders and rows of the communication log have been collected: they do not expire."""

    segments: int = 0
    segment_size: int = 0
    """Customers in a segment."""

    snapshot_days: int = PERIODS["segment_snapshots"].days
    """For how long the daily snapshot of a segment is kept."""

    backup_days: int = 14
    """How long each daily backup, a copy of everything, is kept."""

    opened: float = 0.0
    clicked: float = 0.0
    """Of 100 messages those of which a receipt says so."""

    message_kib: float = 1.0
    """Egress per message to a vendor outside Google's region: address, text, and its part of the call."""

    warm_cpu: float = 0.0
    warm_gib: float = 0.0
    """Processors and GiB of memory of the instances that are kept warm."""

    service_levels: bool = False

    @property
    def is_used(self) -> bool:
        """Whether the system is used at all."""
        return bool(self.orders_per_day or self.messages or self.previews_per_day)

    @property
    def messages(self) -> int:
        """Messages per month."""
        return self.campaigns * self.recipients


@dataclass(frozen=True, slots=True)
class Line:
    """An item of the bill."""

    name: str
    units: float
    unit: str
    dollars: float


def bill(volume: Volume, prices: Mapping[str, Price] = LIST) -> list[Line]:
    """The items of a monthly bill, in the order of the price list."""
    steady, burst = _units(volume), _burst(volume)
    days = min(volume.campaigns, DAYS)
    return [
        Line(name, steady[name] + burst[name], price.unit, price.of(steady[name], burst[name], days))
        for name, price in prices.items()
    ]


def total(volume: Volume, prices: Mapping[str, Price] = LIST) -> float:
    """US dollars per month."""
    return sum(line.dollars for line in bill(volume, prices))


def per_million(volume: Volume, prices: Mapping[str, Price] = LIST) -> float:
    """US dollars for another million messages per month, after the free amounts are used up."""
    units: dict[str, float] = defaultdict(float)
    for part in _messages(1_000_000, volume):
        _add(units, part)
    units["stored"] += 1_000_000 * ROW_KIB * KIB * volume.months
    units["past"] += units["stored"]
    units["backups"] += units["stored"] * volume.backup_days
    return sum(prices[name].each * amount for name, amount in units.items())


def _units(volume: Volume) -> dict[str, float]:
    """What comes every day alike."""
    units: dict[str, float] = defaultdict(float)
    for part in (*_always(volume), *_records(volume), *_audience(volume), _stored(volume)):
        _add(units, part)
    return units


def _burst(volume: Volume) -> dict[str, float]:
    """What comes on the days of campaigns, each on a day of its own as far as there are enough."""
    units: dict[str, float] = defaultdict(float)
    for part in _messages(volume.messages, volume):
        _add(units, part)
    return units


def _always(volume: Volume) -> Iterator[dict[str, float]]:
    ticks = DAYS * 24 * 60
    yield {"reads": ticks * TICK_READS, **_requests(ticks, TICK, BIG), "jobs": 1}
    yield {"logged": ticks * TICK_LINE_KIB * KIB}
    yield _requests(CHECKS_A_DAY * DAYS, CHECK, BIG)
    levels = LEVEL_CONDITIONS * volume.service_levels
    series = (SERIES if volume.is_used else SERIES_WHEN_IDLE) + levels
    yield {"secrets": SECRETS, "images": IMAGES_GIB, "alerts": CONDITIONS + levels, "series": LOOKS * series}


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


def _messages(messages: int, volume: Volume) -> Iterator[dict[str, float]]:
    later = messages * (volume.opened + volume.clicked) / 100
    chunks, calls = messages / CHUNK, (messages + later) / RECEIPTS_A_CALL
    yield {
        "reads": messages * MESSAGE_READS + later * RECEIPT_READS + chunks * CHUNK_READS,
        "writes": messages * MESSAGE_WRITES + later * RECEIPT_WRITES + chunks * CHUNK_WRITES,
    }
    yield _requests(chunks, SENDING, BIG)
    yield _requests(2 * calls, SHORTEST, SMALL)  # accepted, and applied
    yield {
        "carried": 2 * (chunks + (messages + later) * 0.15) * KIB,
        "logged": (2 * chunks + 2 * calls) * KIB,
    }
    yield {"sent": messages * volume.message_kib * KIB}


def _stored(volume: Volume) -> dict[str, float]:
    orders = volume.orders_per_day * DAYS * volume.months
    rows = volume.messages * volume.months
    members = volume.segments * volume.segment_size * volume.snapshot_days
    kib = volume.customers * CUSTOMER_KIB + orders * ORDER_KIB + rows * ROW_KIB + members * MEMBER_KIB
    seconds = DAYS * 24 * 3600
    return {
        "stored": kib * KIB,
        "past": kib * KIB,
        "backups": kib * KIB * volume.backup_days,
        "warm_cpu": seconds * volume.warm_cpu,
        "warm_memory": seconds * volume.warm_gib,
    }


def _add(units: dict[str, float], part: Mapping[str, float]) -> None:
    for name, amount in part.items():
        units[name] += amount


def _requests(count: float, seconds: float, gib: float) -> dict[str, float]:
    return {"requests": count, "cpu": count * seconds, "memory": count * seconds * gib}
