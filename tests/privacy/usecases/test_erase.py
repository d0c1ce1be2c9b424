"""Erasing leaves an id and a moment, survives being repeated, and never fights a writer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.customers.customer import Customer
from crm.kernel.errors import NotFound, Unavailable
from crm.privacy.usecases.erase import ATTEMPTS, CustomerData, erase

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MIRA = Customer(customer_id="C-1", known=True, email="mira@example.com", name="Mira", version=7)


class Memory:
    """One customer and their orders in memory; `writers` change the customer under the eraser's hands."""

    def __init__(self, customer: Customer | None, orders: int = 0, writers: int = 0) -> None:
        self.customer = customer
        self.orders = [f"O-{n}" for n in range(orders)]
        self.writers = writers

    async def read(self, customer_id: str) -> CustomerData | None:
        if self.customer is None:
            return None
        return CustomerData(customer=self.customer, orders=self.orders[:2], etag=self.customer.version)

    async def leave(self, held: CustomerData, left: Customer) -> bool:
        assert self.customer is not None
        if self.writers:
            self.writers -= 1
            self.customer = replace(self.customer, version=self.customer.version + 1)
        if held.etag != self.customer.version:
            return False
        self.customer = left
        self.orders = self.orders[len(held.orders) :]
        return True


async def test_nothing_is_left_but_the_id_and_the_moment() -> None:
    memory = Memory(MIRA, orders=1)
    await erase("C-1", NOW, memory)
    assert memory.customer == Customer(customer_id="C-1", version=8, erased_at=NOW)
    assert memory.orders == []


async def test_the_log_says_so_first(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    with pytest.raises(Unavailable):
        await erase("C-1", NOW, Memory(MIRA, writers=ATTEMPTS + 1))
    (line,) = caplog.records
    assert line.getMessage() == "erasing a customer"
    assert line.ids == {"customer_id": "C-1"}  # type: ignore[attr-defined]


async def test_more_orders_than_one_commit_takes_are_all_deleted() -> None:
    memory = Memory(MIRA, orders=7)
    await erase("C-1", NOW, memory)
    assert memory.orders == []


async def test_a_repeat_changes_nothing_and_finishes_what_was_left() -> None:
    memory = Memory(Customer(customer_id="C-1", version=8, erased_at=NOW), orders=3)
    await erase("C-1", NOW.replace(year=2027), memory)
    assert memory.customer == Customer(customer_id="C-1", version=8, erased_at=NOW)
    assert memory.orders == []


async def test_a_writer_in_between_makes_it_try_again_on_what_is_there_then() -> None:
    memory = Memory(MIRA, writers=2)
    await erase("C-1", NOW, memory)
    assert memory.customer == Customer(customer_id="C-1", version=10, erased_at=NOW)


async def test_endless_writers_make_it_ask_for_another_call() -> None:
    with pytest.raises(Unavailable):
        await erase("C-1", NOW, Memory(MIRA, writers=ATTEMPTS))


async def test_an_unknown_customer_is_not_found() -> None:
    with pytest.raises(NotFound):
        await erase("C-1", NOW, Memory(None))
