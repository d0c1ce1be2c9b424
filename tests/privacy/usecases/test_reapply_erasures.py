"""Who was erased since a backup is erased again, and who came and went since stays away."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.customer import Customer, erased
from crm.kernel.errors import Unavailable
from crm.kernel.versioned import Seen
from crm.privacy.customer_data import CustomerData
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.usecases.erase import EraseCustomer
from crm.privacy.usecases.reapply_erasures import ReapplyErasures, State
from tests.privacy.memory_ledger import MemoryLedger

THEN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = THEN + timedelta(days=3)


@dataclass
class Memory:
    """Customers by key. The erasure of whom `failing` names fails."""

    customers: dict[str, Customer] = field(default_factory=dict)
    failing: str = ""
    letters: dict[str, int] = field(default_factory=dict)
    recorded: list[str] = field(default_factory=list)

    async def find(self, key: str) -> CustomerData | None:
        customer = self.customers.get(key)
        if customer is None:
            return None
        letters = self.letters.get(key, 0)
        documents = {f"letter {number}": None for number in range(letters)}
        return CustomerData(key=key, customer=Seen(customer, None), documents=documents, letters=letters)

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        if data.key == self.failing:
            raise Unavailable("The database does not answer.")
        self.customers[data.key] = remains
        if data.letters:
            self.letters[data.key] -= data.letters
        return True

    async def erased_at(self, keys: Sequence[str]) -> Mapping[str, datetime | None]:
        return {key: self.customers[key].erased_at for key in keys if key in self.customers}

    async def mark_erased(self, key: str, at: datetime) -> None:
        self.customers.setdefault(key, Customer(customer_id="", version=1, erased_at=at))

    @asynccontextmanager
    async def record(self, key: str) -> AsyncIterator[None]:
        self.recorded.append(key)
        yield


async def reapply(memory: Memory, ledger: MemoryLedger, dry_run: bool = False) -> Mapping[State, int]:
    erase = EraseCustomer(store=memory, ledger=ledger)
    return await ReapplyErasures(ledger=ledger, customers=memory, erase=erase, record=memory.record)(
        NOW, dry_run
    )


def people(*names: str) -> dict[str, Customer]:
    return {name: Customer(customer_id=name, known=True, version=1) for name in names}


async def ledger_of(*names: str) -> MemoryLedger:
    made = MemoryLedger()
    for name in names:
        await made.add(LedgerEntry(key=name, at=THEN))
    return made


async def test_whom_the_ledger_names_is_erased_and_nobody_else() -> None:
    memory = Memory(people("a", "b", "c"))
    memory.customers["c"] = erased(memory.customers["c"], THEN)

    found = await reapply(memory, await ledger_of("a", "c", "new"))

    assert found == {"held": 1, "erased": 1, "unknown": 1}
    assert {name: each.erased_at for name, each in memory.customers.items()} == {
        "a": NOW,
        "b": None,
        "c": THEN,
        "new": THEN,
    }
    assert memory.recorded == ["a"]
    assert await reapply(memory, await ledger_of("a", "c", "new")) == {"erased": 3}


async def test_who_is_unknown_is_removed_from_the_letters_of_the_backup() -> None:
    memory = Memory(letters={"never stored": 2, "somebody else": 1})
    await reapply(memory, await ledger_of("never stored"))
    assert memory.letters == {"never stored": 0, "somebody else": 1}


async def test_a_dry_run_changes_nothing() -> None:
    memory = Memory(people("a", "b"))
    assert await reapply(memory, await ledger_of("a", "new"), dry_run=True) == {"held": 1, "unknown": 1}
    assert (memory.customers, memory.recorded) == (people("a", "b"), [])


async def test_after_a_failure_a_repeat_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.privacy.usecases.reapply_erasures.PAGE", 2)
    names = [f"c{n}" for n in range(7)]
    memory = Memory(people(*names), failing="c3")
    with pytest.raises(Unavailable):
        await reapply(memory, await ledger_of(*names))
    memory.failing = ""
    await reapply(memory, await ledger_of(*names))
    assert all(each.erased_at for each in memory.customers.values())
