"""Erasing keeps an id and a time, is safe to repeat, and gives way to concurrent writers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.customers.customer import Customer
from crm.kernel.errors import NotFound, Unavailable
from crm.kernel.versioned import Seen
from crm.privacy.customer_data import CustomerData
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.ports import ErasureLedger
from crm.privacy.usecases.erase import ATTEMPTS, EraseCustomer
from tests.privacy.memory_ledger import MemoryLedger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MIRA = Customer(customer_id="C-1", known=True, email="mira@example.com", name="Mira", version=7)


class Memory:
    """One customer and their orders in memory; `writers` is how often another commit comes first."""

    def __init__(self, customer: Customer | None, orders: int = 0, writers: int = 0) -> None:
        self.customer = customer
        self.orders = [f"O-{n}" for n in range(orders)]
        self.writers = writers

    async def find(self, key: str) -> CustomerData | None:
        if self.customer is None:
            return None
        return CustomerData(
            key=key,
            customer=Seen(self.customer, self.customer.version),
            documents=dict.fromkeys(self.orders[:2]),
        )

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        assert self.customer is not None
        if self.writers:
            self.writers -= 1
            self.customer = replace(self.customer, version=self.customer.version + 1)
        if data.customer.etag != self.customer.version:
            return False
        self.customer = remains
        self.orders = self.orders[len(data.documents) :]
        return True


def erase(memory: Memory, ledger: ErasureLedger | None = None) -> EraseCustomer:
    return EraseCustomer(store=memory, ledger=ledger or MemoryLedger())


class NoLedger(MemoryLedger):
    """A ledger that is away."""

    async def add(self, entry: LedgerEntry) -> None:
        raise Unavailable("The ledger of erasures does not answer.")


async def test_only_the_id_and_the_time_are_left() -> None:
    memory = Memory(MIRA, orders=1)
    await erase(memory)("C-1", NOW)
    assert memory.customer == Customer(customer_id="C-1", version=8, erased_at=NOW)
    assert memory.orders == []


async def test_the_erasure_is_logged_before_it_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    with pytest.raises(Unavailable):
        await erase(Memory(MIRA, writers=ATTEMPTS + 1))("C-1", NOW)
    (line,) = caplog.records
    assert line.getMessage() == "erasing a customer"
    assert line.ids == {"customer_key": "C-1"}  # type: ignore[attr-defined]


async def test_more_orders_than_one_commit_takes_are_all_deleted() -> None:
    memory = Memory(MIRA, orders=7)
    await erase(memory)("C-1", NOW)
    assert memory.orders == []


async def test_a_repeat_only_deletes_the_orders_that_are_left() -> None:
    memory = Memory(Customer(customer_id="C-1", version=8, erased_at=NOW), orders=3)
    await erase(memory)("C-1", NOW.replace(year=2027))
    assert memory.customer == Customer(customer_id="C-1", version=8, erased_at=NOW)
    assert memory.orders == []


async def test_a_concurrent_change_is_read_again_before_the_next_attempt() -> None:
    memory = Memory(MIRA, writers=2)
    await erase(memory)("C-1", NOW)
    assert memory.customer == Customer(customer_id="C-1", version=10, erased_at=NOW)


async def test_a_customer_who_keeps_changing_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await erase(Memory(MIRA, writers=ATTEMPTS))("C-1", NOW)


async def test_an_unknown_customer_is_not_found() -> None:
    with pytest.raises(NotFound):
        await erase(Memory(None))("C-1", NOW)


async def test_an_erasure_is_in_the_ledger_before_anything_is_deleted() -> None:
    memory, ledger = Memory(MIRA, orders=1, writers=ATTEMPTS), MemoryLedger()
    with pytest.raises(Unavailable):
        await erase(memory, ledger)("C-1", NOW)
    assert memory.orders == ["O-0"]
    assert ledger.kept == {"C-1": LedgerEntry(key="C-1", at=NOW)}


async def test_nothing_is_erased_while_the_ledger_is_away() -> None:
    memory = Memory(MIRA, orders=1)
    with pytest.raises(Unavailable, match="ledger"):
        await erase(memory, NoLedger())("C-1", NOW)
    assert (memory.customer, memory.orders) == (MIRA, ["O-0"])


async def test_who_is_erased_already_is_in_the_ledger_with_the_time_of_the_erasure() -> None:
    ledger = MemoryLedger()
    await erase(Memory(Customer(customer_id="C-1", version=8, erased_at=NOW)), ledger)(
        "C-1", NOW.replace(year=2027)
    )
    assert ledger.kept == {"C-1": LedgerEntry(key="C-1", at=NOW)}


async def test_who_is_unknown_is_not_in_the_ledger() -> None:
    ledger = MemoryLedger()
    with pytest.raises(NotFound):
        await erase(Memory(None), ledger)("C-1", NOW)
    assert ledger.kept == {}
