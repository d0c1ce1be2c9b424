"""Erase whoever has an id, also somebody who was never stored as a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crm.customers.customer_key import customer_key
from crm.privacy.customer_data import CustomerData
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.ports import ErasureLedger
from crm.privacy.usecases.erase import EraseCustomer


class ErasureStore(Protocol):
    """Marks ids as erased, and queues what the tick has to clean. Every method raises Unavailable."""

    async def find(self, key: str) -> CustomerData | None:
        """What is stored now of the customer with this key; None if there is none."""

    async def mark_erased(self, key: str, at: datetime) -> None:
        """Store that the customer with this key was erased, unless there is one."""

    async def queue(self, customer_id: str, at: datetime) -> None:
        """Have the tick clean snapshots, imports and dead letters of this id, once more if it has before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedId:
    """What an erasure by id did."""

    was_stored: bool
    """Whether there was a customer of this id, or the mark of one erased before."""

    letters: int
    """Dead letters from which they were removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseById:
    """Erases the customer of an id. Of an id that no customer has it leaves the same: an entry in the ledger,
    a mark that refuses records which come later, and nothing in dead letters, imports and segments.

    Safe to repeat; a repeat looks for the id in what arrived since.
    """

    store: ErasureStore
    ledger: ErasureLedger
    erase: EraseCustomer

    async def __call__(self, customer_id: str, now: datetime) -> ErasedId:
        """Raises Unavailable if the ledger cannot be reached or the customer keeps changing."""
        key = customer_key(customer_id)
        data = await self.store.find(key)
        if data is None:
            await self.ledger.add(LedgerEntry(key=key, at=now))
            await self.store.mark_erased(key, now)
        if data is None or data.customer.row.erased_at is not None:
            await self.store.queue(customer_id, now)
        letters = await self.erase(key, now)
        return ErasedId(was_stored=data is not None, letters=letters)
