"""What tests of the projection share: rows, commits as the consumer makes them, and the expected state."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore import AsyncClient

from crm.audience.projection.compare import Difference
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases.verify import Verify
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.store import customers as customer_documents
from crm.customers.store import orders as order_documents
from crm.customers.store.change_log import log_changes
from crm.platform.firestore.commits import Commit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here."""


def customer(customer_id: str, version: int = 1, **fields: object) -> Customer:
    return Customer(customer_id=customer_id, known=True, version=version, **fields)  # type: ignore[arg-type]


def order(order_id: str, customer_id: str, version: int = 1) -> Order:
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        amount=10_000,
        currency="GBP",
        status="completed",
        category="shoes",
        placed_at=NOW,
        updated_at=NOW,
        version=version,
    )


async def commit(database: AsyncClient, customers: Sequence[Customer], orders: Sequence[Order] = ()) -> None:
    """Store rows and their change log in one commit, as the consumer does."""
    changes = Commit(database)
    for person in customers:
        changes.replace(customer_documents.path_of(person.customer_id), customer_documents.encode(person))
    for placed in orders:
        changes.replace(order_documents.path_of(placed.order_id), order_documents.encode(placed))
    log_changes(changes, customers, orders)
    await changes.send()


def store_of(database: AsyncClient) -> FirestoreAudience:
    """The stored projection, its log settled immediately: no document of a test appears late."""
    return FirestoreAudience(database, settled=timedelta(0))


async def wrong(database: AsyncClient) -> list[Difference]:
    """What the projection has otherwise than the collections."""
    return await Verify(projection=store_of(database), truth=FirestoreSource(database))()


async def all_documents(database: AsyncClient) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Every document of the projection, by its path."""
    for name in ("audience_log", "audience_blocks", "audience_state"):
        async for each in database.collection(name).stream():
            yield f"{name}/{each.id}", each.to_dict() or {}


async def names(database: AsyncClient, collection: str) -> set[str]:
    return {each.id async for each in database.collection(collection).stream()}


@contextmanager
def killed_at(number: int) -> Iterator[Callable[[], bool]]:
    """Kill the process at commit number `number` from here on, before it is sent; says
    whether it came so far."""
    sent = 0
    send = Commit.send

    async def counted(self: Commit) -> list[Any]:
        nonlocal sent
        if len(self):
            sent += 1
        if sent >= number:
            raise Killed
        return await send(self)

    Commit.send = counted  # type: ignore[method-assign]
    try:
        yield lambda: sent >= number
    finally:
        Commit.send = send  # type: ignore[method-assign]
