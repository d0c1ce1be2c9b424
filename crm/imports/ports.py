"""What importing a file needs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.imports.file_import import Import, Result
from crm.kernel.versioned import Seen

StoredRows = tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]
"""Customers and orders, by id."""


class ImportStore(Protocol):
    """Stores imports and the results of their rows."""

    async def begin(self, wanted: Import) -> Import:
        """The stored import of this id; `wanted` itself if there is none.

        A dry run starts over unless it is the same file, half-way.
        """

    async def save(self, known: Import) -> None:
        """Store the progress."""

    async def find_results(self, known: Import, part: int) -> Sequence[Result] | None:
        """The stored results of a part."""

    async def keep_results(self, known: Import, part: int, results: Sequence[Result]) -> Sequence[Result]:
        """Store the results of a part; return those that were stored before, if there were any."""


class StoredRecords(Protocol):
    """Reads customers and orders."""

    async def find(self, customer_ids: Collection[str], order_ids: Collection[str]) -> StoredRows:
        """The customers and orders that exist."""
