"""Blocks: what is packed comes back, and what is damaged is refused."""

import json
import zlib

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audience.engine.blocks import pack_block, unpack_block
from crm.audience.engine.frames import frames_of
from crm.audience.engine.tables import Tables, applied, empty
from crm.customers.changes import encode
from crm.customers.customer import Customer, erased
from crm.customers.order import Order
from tests.audience import strategies
from tests.audience.histories import MOMENT, placed
from tests.customers.test_changes import ORDER
from tests.security.everything import text_of


def in_order(tables: Tables) -> list[list[dict[str, object]]]:
    """The rows, which have no order of their own, nor have attributes."""
    customers = tables.customers.sort("customer_id").to_dicts()
    for row in customers:
        row["attributes"] = sorted(row["attributes"], key=lambda each: str(each["name"]))
    return [customers, tables.orders.sort("order_id").to_dicts()]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(strategies.customers, st.lists(strategies.orders, max_size=3)), max_size=5))
def test_a_block_is_unpacked_as_it_was_packed(people: list[tuple[Customer, list[Order]]]) -> None:
    orders = [order for who, each in people for order in placed(who, each)]
    tables = applied(empty(), encode([who for who, _ in people], orders))

    assert in_order(unpack_block(pack_block(tables))) == in_order(tables)


def test_a_removed_customer_keeps_only_id_and_version() -> None:
    who = Customer(customer_id="C1", known=True, email="a@example.com", version=3)

    gone = erased(who, MOMENT)
    tables = applied(empty(), [*encode([who], placed(who, [ORDER])), *encode([gone], [])])

    again = unpack_block(pack_block(tables))

    assert again.customers.select("customer_id", "version", "removed", "email").rows() == [
        ("C1", 3, True, None)
    ]
    assert again.orders.is_empty()


def test_a_block_has_no_byte_of_rows_that_are_not_in_it() -> None:
    people = [Customer(customer_id=f"customer-{n}@example.com", known=True, version=1) for n in range(9)]
    before = unpack_block(pack_block(applied(empty(), encode(people, ()))))
    left = Tables(before.customers.filter(pl.col("customer_id") != people[3].customer_id), before.orders)

    text = text_of(pack_block(left))

    assert people[4].customer_id in text
    assert people[3].customer_id not in text


def test_an_order_without_its_customer_is_kept_in_the_block() -> None:
    who = Customer(customer_id="C1", known=True, version=1)
    [order] = placed(who, [ORDER])
    waiting = unpack_block(pack_block(applied(empty(), encode([], [order]))))

    assert waiting.customers.is_empty()
    assert waiting.orders["order_id"].to_list() == [ORDER.order_id]


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b[:40], lambda b: b"no" * 40]
)
def test_an_incomplete_block_is_refused(damage: object) -> None:
    block = pack_block(applied(empty(), encode([Customer(customer_id="C1", version=1)], [])))

    with pytest.raises(ValueError, match="not a block"):
        unpack_block(damage(block))  # type: ignore[operator]


def packed_without(name: str) -> bytes:
    """The block of an older version that does not know a column of customers or orders."""
    who = Customer(customer_id="C1", known=True, visits=7, city="Bonn", version=1)
    frames = frames_of(applied(empty(), encode([who], placed(who, [ORDER]))))
    for sheet in (frames.customers, frames.orders, frames.details.sheet):
        sheet.columns.pop(name, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm.audience.engine.blocks.frames_of", lambda _: frames)
        return pack_block(empty())


@pytest.mark.parametrize("name", ["visits", "city", "birthday", "total_spend", "consents.sms"])
def test_a_column_that_an_older_version_did_not_write_reads_as_empty(name: str) -> None:
    [row] = unpack_block(packed_without(name)).customers.rows(named=True)
    assert (row["customer_id"], row[name]) == ("C1", None)


@pytest.mark.parametrize("name", ["category", "status", "currency"])
def test_a_column_of_orders_that_an_older_version_did_not_write_reads_as_empty(name: str) -> None:
    [row] = unpack_block(packed_without(name)).orders.rows(named=True)
    assert (row["order_id"], row[name]) == (ORDER.order_id, None)


@pytest.mark.parametrize("name", ["version", "removed", "row"])
def test_a_block_without_what_makes_a_row_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"without {name}"):
        unpack_block(packed_without(name))


def test_a_payload_written_before_a_field_was_added_leaves_the_field_empty() -> None:
    [payload] = encode([Customer(customer_id="C1", known=True, visits=7, version=1)], [])
    body = json.loads(zlib.decompress(payload))
    del body["customers"]["visits"]
    old = zlib.compress(json.dumps(body).encode())
    [new] = encode([Customer(customer_id="C2", known=True, visits=9, version=1)], [])
    rows = applied(empty(), [old, new]).customers.sort("customer_id")
    assert rows.select("customer_id", "visits").rows() == [("C1", None), ("C2", 9)]


def test_a_column_of_a_newer_version_takes_no_row_away_wherever_it_stands() -> None:
    [payload] = encode([Customer(customer_id="C1", known=True, visits=7, version=1)], [])
    body = json.loads(zlib.decompress(payload))
    body["customers"] = {"newer": [], **body["customers"]}
    rows = applied(empty(), [zlib.compress(json.dumps(body).encode())]).customers
    assert rows.select("customer_id", "visits").rows() == [("C1", 7)]
