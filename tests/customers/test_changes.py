"""Packed rows: what is written comes back, in whatever order and however often."""

import json
import random
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.audience.engine import snapshot as snapshots
from crm.audience.engine.people import everybody, find, orders_of
from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import Tables, applied, empty, rows_of
from crm.audience.projection.partitions import folded, split
from crm.customers import changes
from crm.customers.changes import decode, encode
from crm.customers.customer import Customer, Totals, erased
from crm.customers.order import Order
from tests.audience import strategies

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)

MIRA = Customer(
    customer_id="C-1001",
    known=True,
    email="mira@example.com",
    phone="+44 20 7946 0018",
    name="Mira Sháh 😀",
    city="Leeds",
    country="United Kingdom",
    birthday=date(1950, 5, 17),
    created_at=datetime(1965, 1, 12, 9, 30, tzinfo=UTC),
    visits=7,
    last_active_at=NOW,
    tags=("newsletter", "vip"),
    consent=False,
    consents={"sms": False, "email": True},
    attributes={"size": 38.0, "tier": "gold", "since": date(2025, 1, 1), "opted": True},
    suppressions={"email": "bounced"},
    totals=Totals(total_spend=-(10**15), order_count=3, first_order_at=NOW, last_order_at=NOW),
    version=4,
)
ORDER = Order(
    order_id="O-1",
    customer_id="C-1001",
    amount=-123_456,
    currency="GBP",
    status="completed",
    category=None,
    placed_at=NOW,
    updated_at=NOW,
    version=2,
)


def read(payloads: Sequence[bytes]) -> Snapshot:
    return snapshot_of(applied(empty(), payloads), NOW)


def test_a_customer_and_an_order_come_back_as_they_were() -> None:
    snapshot = read(encode([MIRA], [ORDER]))

    assert find(snapshot, "C-1001") == MIRA
    assert orders_of(snapshot, "C-1001") == [ORDER]
    assert find(snapshot, "C-1000") is None
    assert find(snapshot, "C-9") is None


@settings(max_examples=30)
@given(strategies.customers)
def test_any_customer_comes_back(customer: Customer) -> None:
    assert find(read(encode([customer], [])), customer.customer_id) == customer


def test_no_rows_are_no_payload() -> None:
    assert encode([], []) == []


def test_many_rows_are_split_below_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MAX_PAYLOAD", 800)
    customers = [
        replace(MIRA, customer_id=f"C{number}", email=f"{number * 7919}@example.com") for number in range(99)
    ]
    orders = [replace(ORDER, order_id=f"O{number}", customer_id=f"C{number % 99}") for number in range(300)]

    payloads = encode(customers, orders)

    assert len(payloads) > 2
    assert max(map(len, payloads)) < 800
    snapshot = read(payloads)
    assert len(everybody(snapshot)) == 99
    assert sum(len(orders_of(snapshot, f"C{number}")) for number in range(99)) == 300


def test_an_order_leaves_a_customer_in_another_part_of_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """However a commit is split: whom the order left does not keep it, in a snapshot or in a block."""
    people = [replace(MIRA, customer_id=name, version=1) for name in "AB"]
    before = read(encode(people, [replace(ORDER, customer_id="A", version=1)]))
    monkeypatch.setattr(changes, "MAX_PAYLOAD", 300)
    moved = encode([replace(who, version=2) for who in people], [replace(ORDER, customer_id="B", version=2)])
    assert len(moved) == 3

    for order in permutations(moved):
        after = snapshots.applied(before, order, NOW)
        assert [len(orders_of(after, name)) for name in "AB"] == [0, 1]
        packed_rows = rows_of(order)
        block = applied(empty(), encode(people[:1], [replace(ORDER, customer_id="A", version=1)]))
        mine = split(packed_rows, 1)[0]
        of_a = Tables(*(each.filter(pl.col("customer_id") == "A") for each in (mine.customers, mine.orders)))
        assert folded(block, of_a, packed_rows).orders.is_empty()


def test_the_widest_customer_fits_one_payload() -> None:
    noise = random.Random(7)  # text that does not compress

    def text(length: int) -> str:
        return "".join(chr(noise.randrange(0x4E00, 0x9FFF)) for _ in range(length))

    attributes = {f"a{number}": text(500) for number in range(50)}
    widest = replace(MIRA, tags=tuple(text(60) for _ in range(50)), attributes=attributes)

    assert [len(each) < changes.MAX_PAYLOAD for each in encode([widest], [])] == [True]


def test_half_a_character_is_refused_by_the_writer_not_met_by_the_reader() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode([replace(MIRA, name="\ud800")], [])


def test_a_payload_of_a_newer_format_is_read_and_what_is_none_is_refused() -> None:
    newer = {**json.loads(zlib.decompress(encode([MIRA], [])[0])), "v": 2, "later": {"x": 1}}
    assert decode(zlib.compress(json.dumps(newer).encode())) == decode(encode([MIRA], [])[0])
    with pytest.raises(ValueError, match="names no format"):
        decode(zlib.compress(b"{}"))


@pytest.mark.parametrize(
    "column", sorted({*changes.CUSTOMER_COLUMNS} - {"customer_id", "version", "removed"})
)
def test_a_column_that_an_older_version_did_not_write_is_empty(column: str) -> None:
    older = json.loads(zlib.decompress(encode([MIRA], [ORDER])[0]))
    del older["customers"][column]
    (row,) = rows_of([zlib.compress(json.dumps(older).encode()), *encode([], [ORDER])]).customers.to_dicts()
    assert row["customer_id"] == "C-1001"
    assert [value for name, value in row.items() if name.partition(".")[0] == column and value] == []


def test_a_channel_that_an_older_version_did_not_know_is_empty() -> None:
    older = json.loads(zlib.decompress(encode([MIRA], [])[0]))
    older["customers"]["consents"] = [[None]]
    (row,) = rows_of([zlib.compress(json.dumps(older).encode())]).customers.to_dicts()
    assert (row["consents.sms"], row["suppressions.email"]) == (None, "bounced")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 5), st.booleans()), max_size=8), st.randoms())
def test_order_and_repetition_do_not_matter(
    rows: list[tuple[str, int, bool]], shuffle: random.Random
) -> None:
    """Each version of a customer has one content; any sequence of payloads ends in the highest version."""
    versions = {
        (name, version): erased(replace(MIRA, customer_id=name, version=version), NOW)
        if gone
        else replace(MIRA, customer_id=name, version=version, visits=version)
        for name, version, gone in rows
    }
    payloads = [encode([customer], [])[0] for customer in versions.values()]
    repeated = payloads * 2
    shuffle.shuffle(repeated)
    newest = {name: versions[name, max(v for n, v in versions if n == name)] for name, _ in versions}

    tables, snapshot = empty(), snapshot_of(empty(), NOW)
    for payload in repeated:
        tables = applied(tables, [payload])
        snapshot = snapshots.applied(snapshot, [payload], NOW)

    expected = [each for _, each in sorted(newest.items()) if each.erased_at is None]
    assert everybody(snapshot) == expected
    assert everybody(snapshot_of(tables, NOW)) == expected
    assert everybody(read(repeated)) == expected


def test_of_one_version_the_removal_counts() -> None:
    gone = erased(MIRA, NOW)

    for customers in ([MIRA, gone], [gone, MIRA]):
        assert everybody(read([encode([each], [])[0] for each in customers])) == []


def test_an_order_before_its_customer_waits_for_them() -> None:
    tables = applied(empty(), encode([], [ORDER]))
    assert orders_of(snapshot_of(tables, NOW), "C-1001") == []

    assert orders_of(snapshot_of(applied(tables, encode([MIRA], [])), NOW), "C-1001") == [ORDER]


def test_nothing_of_an_erased_customer_is_kept() -> None:
    tables = applied(empty(), [*encode([MIRA], []), *encode([erased(replace(MIRA, version=5), NOW)], [])])

    [row] = tables.customers.rows(named=True)
    kept = {name for name, value in row.items() if value not in (None, [], False, 0)}
    assert kept == {"customer_id", "version", "removed", "consent"}
