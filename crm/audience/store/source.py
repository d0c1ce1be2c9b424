"""Customers and orders read from their own collections, as the tables of the projection."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, TypeVar

import polars as pl
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.audience.engine.tables import Tables, applied, empty
from crm.audience.projection.manifest import names_in
from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.customers.order import ORDER, Order
from crm.customers.store import customers, orders
from crm.kernel.batches import batched
from crm.platform.firestore import documents

PAGE: Final = 10_000
"""Documents of one read; some 10 MB."""

PAGE_TIMEOUT: Final = 120.0
"""Seconds for such a read. The emulator scans the whole collection for each."""

READ_TOGETHER: Final = 500

_ORDER: Final = (*ORDER, "version")
"""What is read of an order. Fields that this version does not know may be large."""

KEYS: Final = 30
"""Customers whose orders one query asks for, the most that Firestore allows."""

CONCURRENT_QUERIES: Final = 8

T = TypeVar("T")


class FirestoreSource:
    """`crm.audience.usecases.rebuild.AudienceSource`. Each document is one read. Raises Unavailable.

    Erased customers are left out.
    """

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def everything(self) -> Tables:
        """All customers, then all orders: so a customer never lacks an order of their version.

        An order that is written meanwhile may be included before its customer's new version.
        """
        return joined([await self.customers(), await self.orders()])

    async def partition(self, partition: int, count: int) -> Tables:
        """The customers of a partition and all their orders."""
        mine = await self.customers(*names_in(partition, count))
        keys = [customer_key(each) for each in mine.customers["customer_id"]]
        slots = asyncio.Semaphore(CONCURRENT_QUERIES)

        async def theirs(part: Sequence[str]) -> list[Order]:
            query = self._client.collection(orders.COLLECTION).select(_ORDER)
            query = query.where(filter=FieldFilter(orders.OWNER, "in", part))
            async with slots:
                found = await documents.query(self._client, query)
            return [orders.decode(each.fields) for each in found.documents.values()]

        found = [order for each in await asyncio.gather(*map(theirs, batched(keys, KEYS))) for order in each]
        return joined([mine, await asyncio.to_thread(_orders, found)])

    async def rows(self, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Tables:
        """Those of these customers and orders that exist."""
        paths = [*map(customers.path_of, customer_ids), *map(orders.path_of, order_ids)]
        people: list[Customer] = []
        placed: list[Order] = []
        for batch in batched(paths, READ_TOGETHER):
            for path, stored in (await documents.get_many(self._client, batch)).items():
                if path.startswith(orders.COLLECTION):
                    placed.append(orders.decode(stored.fields))
                elif _is_there(stored):
                    people.append(customers.decode(stored.fields))
        return applied(empty(), encode(people, placed))

    async def customers(self, first: str | None = None, end: str | None = None) -> Tables:
        """All customers, or those whose documents' names are from `first` on and before `end`."""
        collection = self._client.collection(customers.COLLECTION)
        query = collection.order_by("__name__").select(customers.SENDING).limit(PAGE)
        if first:
            query = query.where(filter=FieldFilter("__name__", ">=", collection.document(first)))
        if end:
            query = query.where(filter=FieldFilter("__name__", "<", collection.document(end)))
        return await self._tabled(self._pages(query, customers.COLLECTION, customers.decode), _customers)

    async def orders(self) -> Tables:
        """All orders."""
        query = self._client.collection(orders.COLLECTION).order_by("__name__").select(_ORDER).limit(PAGE)
        return await self._tabled(self._pages(query, orders.COLLECTION, orders.decode), _orders)

    async def _pages(
        self, query: AsyncQuery, collection: str, decode: Callable[[dict[str, object]], T]
    ) -> AsyncIterator[list[T]]:
        page = query
        while True:
            found = (await documents.query(self._client, page, PAGE_TIMEOUT)).documents
            yield [decode(each.fields) for each in found.values() if _is_there(each)]
            if len(found) < PAGE:
                return
            last = self._client.collection(collection).document(list(found)[-1])
            page = query.start_after({"__name__": last})

    async def _tabled(self, pages: AsyncIterator[list[T]], table: Callable[[Sequence[T]], Tables]) -> Tables:
        """The pages as tables. Each is converted before the next is read: as objects, rows take ten times the
        memory."""
        return joined([await asyncio.to_thread(table, rows) async for rows in pages])


def _is_there(stored: documents.Stored) -> bool:
    """Whether this is not what is left of an erased customer."""
    return customers.ERASED not in stored.fields


def _customers(rows: Sequence[Customer]) -> Tables:
    return applied(empty(), encode(rows, ()))


def _orders(rows: Sequence[Order]) -> Tables:
    return applied(empty(), encode((), rows))


def joined(parts: Sequence[Tables]) -> Tables:
    """Tables without a common row as one."""
    return Tables(
        pl.concat([empty().customers, *(part.customers for part in parts)]),
        pl.concat([empty().orders, *(part.orders for part in parts)]),
    )
