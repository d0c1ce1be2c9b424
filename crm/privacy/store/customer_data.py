"""A customer with their orders and dead letters, as read and changed by an erasure."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient

from crm.customers.customer import Customer
from crm.customers.store import customers, dead_letters, orders
from crm.customers.store.change_log import log_changes
from crm.customers.store.records import write_customer
from crm.kernel.versioned import Change, Seen
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.privacy.customer_data import CustomerData
from crm.privacy.store import erasure_queue

MAX_ORDERS = 400
"""Orders that one commit deletes."""


class FirestoreCustomerData:
    """Reads and replaces what is stored about a customer. Every method raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def find(self, key: str) -> CustomerData | None:
        """The customer with this key, some of their orders, and some of the dead letters that name them."""
        # The customer first: storing an order after this read changes them, and `replace` notices that.
        path = customers.path_of_key(key)
        stored = (await documents.get_many(self._client, [path])).get(path)
        if stored is None:
            return None
        placed = await documents.query(
            self._client, orders.of_customer(self._client, key).limit(MAX_ORDERS).select([])
        )
        letters = await documents.query(
            self._client, dead_letters.naming(self._client, key).limit(dead_letters.ERASED_TOGETHER)
        )
        return CustomerData(
            key=key,
            customer=Seen(customers.identity(stored.fields), stored),
            documents={
                **{f"{orders.COLLECTION}/{name}": order for name, order in placed.documents.items()},
                **{f"{dead_letters.COLLECTION}/{name}": letter for name, letter in letters.documents.items()},
            },
            letters=len(letters.documents),
        )

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        """Store `remains` and remove the customer from the documents of `data`, in one commit.

        The first one of an erasure also logs the change and queues the erasure, see
        `crm.privacy.store.erasure_queue`: later ones do not know the id any more.
        False, with nothing written, if the customer or one of the documents has changed since it was read.
        """
        commit = Commit(self._client)
        write_customer(commit, data.key, Change(remains, data.customer))
        for path, stored in data.documents.items():
            if path.startswith(dead_letters.COLLECTION):
                dead_letters.erase_from(commit, data.key, path, stored)
            else:
                commit.delete(path, stored.etag)
        if data.customer.row.erased_at is None:
            log_changes(commit, [remains], ())
            if remains.erased_at is not None:
                erasure_queue.add_customer(commit, remains.customer_id, remains.erased_at)
        try:
            await commit.send()
        except (FailedPrecondition, NotFound):
            return False
        return True

    async def erased_at(self, keys: Sequence[str]) -> Mapping[str, datetime | None]:
        """When the customers of these keys that exist were erased; None for one who was not."""
        paths = [customers.path_of_key(key) for key in keys]
        found = await documents.get_many(self._client, paths, [customers.ERASED])
        return {
            path.rpartition("/")[2]: stored.fields.get(customers.ERASED) for path, stored in found.items()
        }

    async def mark_erased(self, key: str, at: datetime) -> None:
        """Store that the customer with this key was erased, unless there is one.

        Nobody has read a row of them, so there is nothing to log.
        """
        commit = Commit(self._client)
        mark = Customer(customer_id="", version=1, erased_at=at)
        commit.create(customers.path_of_key(key), customers.encode(mark))
        with suppress(AlreadyExists):
            await commit.send()

    async def queue(self, customer_id: str, at: datetime) -> None:
        """Have the tick clean snapshots, imports and dead letters of this id, once more if it has before."""
        commit = Commit(self._client)
        erasure_queue.add_customer(commit, customer_id, at)
        await commit.send()
