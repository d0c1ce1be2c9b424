"""What the use cases of privacy need: a store of customers' data, and a ledger of erasures."""

from collections.abc import AsyncIterator
from typing import Protocol

from crm.customers.customer import Customer
from crm.privacy.customer_data import CustomerData
from crm.privacy.erasure_ledger import LedgerEntry


class CustomerDataStore(Protocol):
    """Reads and replaces what is stored about a customer."""

    async def find(self, key: str) -> CustomerData | None:
        """What is stored now of the customer with this key; None if there is none."""

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        """Store `remains`, remove the customer from `data.documents` and log the change, in one commit.

        False, with nothing written, if `data` has changed since it was read.
        """


class ErasureLedger(Protocol):
    """An append-only list of erasures outside the database. Every method raises Unavailable."""

    async def add(self, entry: LedgerEntry) -> None:
        """Return once the entry is durable. An entry of the same customer that is there already stays."""

    def entries(self) -> AsyncIterator[LedgerEntry]:
        """Every entry, in the order of keys."""
