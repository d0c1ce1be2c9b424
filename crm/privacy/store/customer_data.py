"""A customer with their orders and dead letters, as read and changed by an erasure."""

from google.api_core.exceptions import FailedPrecondition, NotFound
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

MAX_LETTERS = 50
"""Dead letters that one commit deletes."""


class FirestoreCustomerData:
    """Reads and replaces what is stored about a customer. Every method raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def find(self, customer_id: str) -> CustomerData | None:
        """The customer, some of their orders, and some of the dead letters that name nobody else."""
        # The customer first: storing an order after this read changes them, and `replace` notices that.
        path = customers.path_of(customer_id)
        stored = (await documents.get_many(self._client, [path])).get(path)
        if stored is None:
            return None
        placed = await documents.query(
            self._client, orders.of_customer(self._client, customer_id).limit(MAX_ORDERS).select([])
        )
        letters = await documents.query(
            self._client, dead_letters.only_of(self._client, customer_id).limit(MAX_LETTERS).select([])
        )
        return CustomerData(
            customer=Seen(customers.decode(stored.fields), stored),
            documents={
                **{f"{orders.COLLECTION}/{name}": order.etag for name, order in placed.documents.items()},
                **{
                    f"{dead_letters.COLLECTION}/{name}": letter.etag
                    for name, letter in letters.documents.items()
                },
            },
        )

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        """Store `remains`, delete the documents of `data` and log the change, in one commit.

        An erased customer is queued in the same commit, see `crm.privacy.store.erasure_queue`.
        False, with nothing written, if the customer or one of the documents has changed since it was read.
        """
        commit = Commit(self._client)
        write_customer(commit, Change(remains, data.customer))
        for path, etag in data.documents.items():
            commit.delete(path, etag)
        log_changes(commit, [remains], ())
        if remains.erased_at is not None:
            erasure_queue.add_customer(commit, remains.customer_id, remains.erased_at)
        try:
            await commit.send()
        except (FailedPrecondition, NotFound):
            return False
        return True
