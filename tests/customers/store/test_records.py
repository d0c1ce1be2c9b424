"""Customers and orders in the real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.store import records
from crm.customers.store.records import FirestoreRecords
from crm.kernel.versioned import Change
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def order(number: int, customer_id: str = "C-1") -> Order:
    at = NOW + timedelta(hours=number)
    return Order(
        order_id=f"O-{number}",
        customer_id=customer_id,
        amount=10_000 * number,
        currency="GBP",
        status="completed",
        category=None,
        placed_at=at,
        updated_at=at,
        version=1,
    )


async def test_orders_are_newest_first_over_many_pages(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE", 2)
    placed = [Change(order(number), None) for number in range(5)]
    await FirestoreRecords(client(project)).commit([], [*placed, Change(order(9, "C-2"), None)], [])
    found = await FirestoreRecords(client(project)).orders_of("C-1")
    assert [each.order_id for each in found] == ["O-4", "O-3", "O-2", "O-1", "O-0"]
    assert await FirestoreRecords(client(project)).orders_of("C-3") == []


async def test_an_attribute_that_was_a_flag_is_stored_as_the_number_it_becomes(project: str) -> None:
    store = FirestoreRecords(client(project))
    flag = Customer(customer_id="C-1", known=True, attributes={"a": True}, version=1)
    await store.commit([Change(flag, None)], [], [])
    seen = (await store.find(["C-1"], []))[0]["C-1"]
    await store.commit([Change(replace(flag, attributes={"a": 1.0}, version=2), seen)], [], [])
    stored = (await store.find(["C-1"], []))[0]["C-1"].row.attributes["a"]
    assert (type(stored), stored) == (float, 1.0)
