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
from crm.customers.order import Order
from crm.customers.store import customers, orders
from crm.kernel.batches import batched
from crm.kernel.ids import document_id
from crm.platform.firestore import documents

PAGE: Final = 10_000
"""Documents of one read; some 10 MB."""

PAGE_TIMEOUT: Final = 120.0
"""Seconds for such a read. The emulator goes over a whole collection for each."""

GET_AT_ONCE: Final = 500

IDS: Final = 30
"""Customers whose orders one query asks for; the database takes no more."""

QUERIES_AT_ONCE: Final = 8

T = TypeVar("T")


class FirestoreSource:
    """`crm.audience.usecases.rebuild.AudienceSource`. Each document is one read. Raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def everything(self) -> Tables:
        """All customers, then all orders. Of what changes meanwhile, an order may be there too early.

        Never too late: a customer who is known in a version must have all the orders of that version.
        """
        return joined([await self._customers(None, None), await self._tabled(self._order_pages(), _orders)])

    async def partition(self, partition: int, count: int) -> Tables:
        """The customers of a partition and all their orders."""
        mine = await self._customers(*names_in(partition, count))
        ids = mine.customers["customer_id"].to_list()
        turn = asyncio.Semaphore(QUERIES_AT_ONCE)

        async def theirs(part: Sequence[str]) -> list[Order]:
            query = self._client.collection(orders.COLLECTION).where(
                filter=FieldFilter("customer_id", "in", part)
            )
            async with turn:
                found = await documents.query(self._client, query)
            return [orders.decode(each.fields) for each in found.documents.values()]

        found = [order for each in await asyncio.gather(*map(theirs, batched(ids, IDS))) for order in each]
        return joined([mine, await asyncio.to_thread(_orders, found)])

    async def rows(self, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Tables:
        """These customers and orders, as far as they exist."""
        paths = [f"{customers.COLLECTION}/{document_id(each)}" for each in customer_ids]
        paths += [f"{orders.COLLECTION}/{document_id(each)}" for each in order_ids]
        people: list[Customer] = []
        placed: list[Order] = []
        for batch in batched(paths, GET_AT_ONCE):
            for path, stored in (await documents.read(self._client, batch)).items():
                if path.startswith(customers.COLLECTION):
                    people.append(customers.decode(stored.fields))
                else:
                    placed.append(orders.decode(stored.fields))
        return applied(empty(), encode(people, placed))

    async def _customers(self, first: str | None, end: str | None) -> Tables:
        """The customers whose documents' names are from `first` on and before `end`."""
        collection = self._client.collection(customers.COLLECTION)
        query = collection.order_by("__name__").limit(PAGE)
        if first:
            query = query.where(filter=FieldFilter("__name__", ">=", collection.document(first)))
        if end:
            query = query.where(filter=FieldFilter("__name__", "<", collection.document(end)))
        return await self._tabled(self._pages(query, customers.COLLECTION, customers.decode), _customers)

    def _order_pages(self) -> AsyncIterator[list[Order]]:
        query = self._client.collection(orders.COLLECTION).order_by("__name__").limit(PAGE)
        return self._pages(query, orders.COLLECTION, orders.decode)

    async def _pages(
        self, query: AsyncQuery, collection: str, decode: Callable[[dict[str, object]], T]
    ) -> AsyncIterator[list[T]]:
        page = query
        while True:
            found = (await documents.query(self._client, page, PAGE_TIMEOUT)).documents
            yield [decode(each.fields) for each in found.values()]
            if len(found) < PAGE:
                return
            last = self._client.collection(collection).document(list(found)[-1])
            page = query.start_after({"__name__": last})

    async def _tabled(self, pages: AsyncIterator[list[T]], table: Callable[[Sequence[T]], Tables]) -> Tables:
        """The pages as tables, each packed before the next is read: rows as objects take ten times the
        memory."""
        return joined([await asyncio.to_thread(table, rows) async for rows in pages])


def _customers(rows: Sequence[Customer]) -> Tables:
    return applied(empty(), encode(rows, ()))


def _orders(rows: Sequence[Order]) -> Tables:
    return applied(empty(), encode((), rows))


def joined(parts: Sequence[Tables]) -> Tables:
    """Tables that share no row as one."""
    return Tables(
        pl.concat([empty().customers, *(part.customers for part in parts)]),
        pl.concat([empty().orders, *(part.orders for part in parts)]),
    )
