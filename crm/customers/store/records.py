"""Customers and orders, read and changed together."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import DeadLetter
from crm.customers.order import Order
from crm.customers.store import customers as customer_documents
from crm.customers.store import dead_letters
from crm.customers.store import orders as order_documents
from crm.customers.store.change_log import log_changes
from crm.kernel.errors import Conflict, Invalid, TooLarge
from crm.kernel.stored_values import is_same
from crm.kernel.versioned import Change, Seen
from crm.platform.clock import now
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

MAX_COMMIT = 3_500_000
"""Bytes of a commit. The database takes 10 MiB, its emulator 4 MiB."""

PAGE = 1000
"""Orders of one read."""


class FirestoreRecords:
    """Reads and changes customers and orders."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def find(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        """The customers and orders that exist, by id, from one consistent read. Raises Unavailable."""
        customers: dict[str, Seen[Customer]] = {}
        orders: dict[str, Seen[Order]] = {}
        people = {customer_documents.path_of(customer_id): customer_id for customer_id in customer_ids}
        paths = [*people, *map(order_documents.path_of, order_ids)]
        for path, stored in (await documents.get_many(self._client, paths)).items():
            if path in people:
                customer = customer_documents.decode(stored.fields, people[path])
                customers[people[path]] = Seen(customer, stored)
            else:
                order = order_documents.decode(stored.fields)
                orders[order.order_id] = Seen(order, stored)
        return customers, orders

    async def find_by_key(self, key: str) -> Seen[Customer] | None:
        """The customer with this key; an erased one without an id. Raises Unavailable."""
        path = customer_documents.path_of_key(key)
        stored = (await documents.get_many(self._client, [path])).get(path)
        return stored and Seen(customer_documents.decode(stored.fields), stored)

    async def orders_of(self, customer_id: str) -> Sequence[Order]:
        """Every order of a customer, the newest first. Raises Unavailable."""
        query = page_query = order_documents.of_customer(self._client, customer_key(customer_id)).limit(PAGE)
        found: list[Order] = []
        while True:
            page = (await documents.query(self._client, page_query)).documents
            found += [order_documents.decode(stored.fields) for stored in page.values()]
            if len(page) < PAGE:
                return sorted(found, key=lambda order: (order.placed_at, order.order_id), reverse=True)
            last = self._client.document(f"{order_documents.COLLECTION}/{list(page)[-1]}")
            page_query = query.start_after({"__name__": last})

    async def commit(
        self,
        customers: Sequence[Change[Customer]],
        orders: Sequence[Change[Order]],
        letters: Sequence[DeadLetter],
    ) -> None:
        """Write the rows, their change log and the dead letters in one commit.

        Raises Conflict, TooLarge, Invalid, Unavailable.
        """
        commit = Commit(self._client)
        for customer in customers:
            write_customer(commit, customer_key(customer.row.customer_id), customer)
        for order in orders:
            path = order_documents.path_of(order.row.order_id)
            _write(commit, path, order_documents.encode(order.row), order.seen)
        at = now()
        for letter in letters:
            dead_letters.write(commit, letter, at)
        log_changes(commit, [change.row for change in customers], [change.row for change in orders])
        if commit.size > MAX_COMMIT:
            raise TooLarge(f"These records change more than {MAX_COMMIT} bytes in one commit.")
        try:
            await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("A customer or an order has changed meanwhile.") from error
        except api.InvalidArgument as error:
            raise Invalid.at("records", f"the database refuses this: {error.message}") from error


def write_customer(commit: Commit, key: str, change: Change[Customer]) -> None:
    """Add the customer with this key to a commit, as changed since `FirestoreRecords` or `documents.get_many`
    read them."""
    path = customer_documents.path_of_key(key)
    _write(commit, path, customer_documents.encode(change.row), change.seen)


def _write(
    commit: Commit, path: str, fields: Mapping[str, Any], seen: Seen[Customer] | Seen[Order] | None
) -> None:
    if seen is None:
        commit.create(path, fields)
        return
    stored = seen.etag
    assert isinstance(stored, documents.Stored)
    changed = {name: value for name, value in fields.items() if not _is_stored(stored.fields, name, value)}
    commit.update(path, changed, stored.etag, removed=stored.fields.keys() - fields.keys())


def _is_stored(fields: Mapping[str, Any], name: str, value: Any) -> bool:
    return name in fields and is_same(fields[name], value)
