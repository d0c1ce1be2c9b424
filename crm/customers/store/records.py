"""Customers and orders, read and changed together: the books that records are entered into."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.customers.customer import Customer
from crm.customers.dead_letters import DeadLetter
from crm.customers.order import Order
from crm.customers.store import customers as customer_documents
from crm.customers.store import dead_letters
from crm.customers.store import orders as order_documents
from crm.customers.store.change_log import log_writes
from crm.kernel.errors import Conflict, Invalid, TooLarge
from crm.kernel.ids import document_id
from crm.kernel.versioned import Change, Seen
from crm.platform.clock import now
from crm.platform.firestore import documents
from crm.platform.google_errors import RETRY, TIMEOUT, translated

MAX_COMMIT = 3_500_000
"""Bytes of a commit: the database takes 10 MiB, its emulator no message over 4 MiB."""

Row = TypeVar("Row", Customer, Order)


class FirestoreRecords:
    """`crm.ports.RecordStore` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def read(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        """The customers and orders that exist, by id, from one consistent read. Raises Unavailable."""
        customers: dict[str, Seen[Customer]] = {}
        orders: dict[str, Seen[Order]] = {}
        paths = [*map(_customer_path, customer_ids), *map(_order_path, order_ids)]
        for path, stored in (await documents.read(self._client, paths)).items():
            if path.startswith(customer_documents.COLLECTION):
                customer = customer_documents.decode(stored.fields)
                customers[customer.customer_id] = Seen(customer, stored)
            else:
                order = order_documents.decode(stored.fields)
                orders[order.order_id] = Seen(order, stored)
        return customers, orders

    async def named(self, document: str) -> Seen[Customer] | None:
        """The customer whose document has that name. Raises Unavailable."""
        path = f"{customer_documents.COLLECTION}/{document}"
        stored = (await documents.read(self._client, [path])).get(path)
        return stored and Seen(customer_documents.decode(stored.fields), stored)

    async def orders_of(self, customer_id: str) -> Sequence[Order]:
        """Every order of a customer. Raises Unavailable."""
        query = self._client.collection(order_documents.COLLECTION).where(
            filter=FieldFilter("customer_id", "==", customer_id)
        )
        async with translated("The database"):
            found = await query.get(retry=RETRY, timeout=TIMEOUT)
        return [order_documents.decode(snapshot.to_dict() or {}) for snapshot in found]

    async def commit(
        self,
        customers: Sequence[Change[Customer]],
        orders: Sequence[Change[Order]],
        letters: Sequence[DeadLetter],
    ) -> None:
        """Write the rows, the audience's log of them and the letters, all at once or not at all.

        Raises Conflict, TooLarge, Invalid, Unavailable.
        """
        commit = documents.Commit(self._client)
        for customer in customers:
            _write(commit, _customer_path(customer.row.customer_id), customer, customer_documents.encode)
        for order in orders:
            _write(commit, _order_path(order.row.order_id), order, order_documents.encode)
        at = now()
        for letter in letters:
            dead_letters.write(commit, letter, at)
        log = self._client.batch()
        log_writes(self._client, log, [change.row for change in customers], [change.row for change in orders])
        commit.add(log)
        if commit.size > MAX_COMMIT:
            raise TooLarge(f"These records change more than {MAX_COMMIT} bytes at once.")
        try:
            await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("A customer or an order has changed meanwhile.") from error
        except api.InvalidArgument as error:
            raise Invalid.at("records", f"the database refuses this: {error.message}") from error


def _write(
    commit: documents.Commit, path: str, change: Change[Row], encode: Callable[[Row], dict[str, Any]]
) -> None:
    fields = encode(change.row)
    if change.seen is None:
        commit.create(path, fields)
        return
    stored = change.seen.etag
    assert isinstance(stored, documents.Stored)
    moved = {name: value for name, value in fields.items() if stored.fields.get(name) != value}
    commit.update(path, moved, stored.etag, removed=stored.fields.keys() - fields.keys())


def _customer_path(customer_id: str) -> str:
    return f"{customer_documents.COLLECTION}/{document_id(customer_id)}"


def _order_path(order_id: str) -> str:
    return f"{order_documents.COLLECTION}/{document_id(order_id)}"
