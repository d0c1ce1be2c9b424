"""An erasure by id leaves the same whether or not there was a customer of the id."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.kernel.errors import Unavailable
from crm.kernel.versioned import Seen
from crm.privacy.customer_data import CustomerData
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.ports import ErasureLedger
from crm.privacy.usecases.erase import EraseCustomer
from crm.privacy.usecases.erase_by_id import EraseById, ErasedId
from tests.privacy.memory_ledger import MemoryLedger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = customer_key("DL-1")


@dataclass
class Memory:
    """A customer, the letters that name them, and the queue, in memory."""

    customer: Customer | None = None
    letters: int = 0
    queued: dict[str, datetime] = field(default_factory=dict)

    async def find(self, key: str) -> CustomerData | None:
        assert key == KEY
        if self.customer is None:
            return None
        found = {f"dead_letters/{number}": None for number in range(self.letters)}
        return CustomerData(
            key=key, customer=Seen(self.customer, None), documents=found, letters=self.letters
        )

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        self.customer = remains
        self.letters -= data.letters
        return True

    async def mark_erased(self, key: str, at: datetime) -> None:
        self.customer = Customer(customer_id="", version=1, erased_at=at)

    async def queue(self, customer_id: str, at: datetime) -> None:
        self.queued[customer_id] = at


class NoLedger(MemoryLedger):
    """A ledger that is away."""

    async def add(self, entry: LedgerEntry) -> None:
        raise Unavailable("The ledger of erasures does not answer.")


def erase(memory: Memory, ledger: ErasureLedger) -> EraseById:
    return EraseById(store=memory, ledger=ledger, erase=EraseCustomer(store=memory, ledger=ledger))


async def test_of_an_id_without_a_customer_a_mark_is_left_and_nothing_else() -> None:
    memory, ledger = Memory(letters=3), MemoryLedger()
    assert await erase(memory, ledger)("DL-1", NOW) == ErasedId(was_stored=False, letters=3)
    assert memory == Memory(
        Customer(customer_id="", version=1, erased_at=NOW), letters=0, queued={"DL-1": NOW}
    )
    assert ledger.kept == {KEY: LedgerEntry(key=KEY, at=NOW)}


async def test_a_repeat_looks_again_and_keeps_the_time() -> None:
    memory, ledger = Memory(), MemoryLedger()
    await erase(memory, ledger)("DL-1", NOW)
    later = NOW + timedelta(days=1)
    memory.letters = 1
    assert await erase(memory, ledger)("DL-1", later) == ErasedId(was_stored=True, letters=1)
    assert memory.customer == Customer(customer_id="", version=1, erased_at=NOW)
    assert memory.queued == {"DL-1": later}
    assert ledger.kept == {KEY: LedgerEntry(key=KEY, at=NOW)}


async def test_a_customer_is_erased_as_by_key() -> None:
    memory = Memory(Customer(customer_id="DL-1", known=True, name="Mira", version=7), letters=1)
    assert await erase(memory, MemoryLedger())("DL-1", NOW) == ErasedId(was_stored=True, letters=1)
    assert memory.customer == Customer(customer_id="DL-1", version=8, erased_at=NOW)
    assert memory.queued == {}  # the commit of the store queues it


async def test_nothing_is_marked_while_the_ledger_is_away() -> None:
    memory = Memory(letters=1)
    with pytest.raises(Unavailable):
        await erase(memory, NoLedger())("DL-1", NOW)
    assert memory == Memory(letters=1)
