"""All that is held of one customer: to show, to export, and to erase."""

from google.api_core.exceptions import FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, AsyncDocumentReference, AsyncQuery, FieldFilter

from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.store import customers, dead_letters, orders
from crm.customers.store.change_log import log_writes
from crm.kernel.ids import document_id
from crm.platform.google_errors import RETRY, TIMEOUT, translated
from crm.privacy.store import erasure_queue
from crm.privacy.usecases.erase import CustomerData

DELETED_AT_ONCE = 400
"""Orders that one commit deletes."""

LETTERS = 50
"""Dead letters that one commit deletes."""

PAGE = 1000
"""Orders of one read."""


class CustomerDataStore:
    """Reads and erases what is held of customers."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def orders(self, customer_id: str) -> list[Order]:
        """Every order of the customer, the newest first."""
        found: list[Order] = []
        query = self._orders(customer_id).limit(PAGE)
        page = query
        while True:
            async with translated("The database"):
                documents = await page.get(retry=RETRY, timeout=TIMEOUT)
            found += [orders.decode(document.to_dict() or {}) for document in documents]
            if len(documents) < PAGE:
                return sorted(found, key=lambda order: (order.placed_at, order.order_id), reverse=True)
            page = query.start_after(documents[-1])

    async def read(self, customer_id: str) -> CustomerData | None:
        """The customer, some of their orders and of the dead letters on them; None for an unknown one."""
        async with translated("The database"):
            # The customer first: an order that comes in between changes them, and `leave` takes note.
            snapshot = await self._customer(customer_id).get(retry=RETRY, timeout=TIMEOUT)
            if not snapshot.exists:
                return None
            found = await self._orders(customer_id).limit(DELETED_AT_ONCE).get(retry=RETRY, timeout=TIMEOUT)
            letters = dead_letters.only_of(self._client, customer_id).limit(LETTERS)
            found += await letters.get(retry=RETRY, timeout=TIMEOUT)
        return CustomerData(
            customer=customers.decode(snapshot.to_dict() or {}),
            orders=found,
            etag=snapshot.update_time,
        )

    async def leave(self, held: CustomerData, left: Customer) -> bool:
        """Store `left` in place of the customer, delete the orders and tell the audience, all or nothing."""
        batch = self._client.batch()
        reference = self._customer(left.customer_id)
        # A set would keep no precondition: delete what is there under one, then write what is left.
        batch.delete(reference, option=self._client.write_option(last_update_time=held.etag))
        batch.set(reference, customers.encode(left))
        for each in held.orders:
            # As it was read: an order may have become another's, and a letter have come again.
            batch.delete(each.reference, option=self._client.write_option(last_update_time=each.update_time))
        log_writes(self._client, batch, [left], ())
        if left.erased_at is not None:
            erasure_queue.note_customer(self._client, batch, left.customer_id, left.erased_at)
        async with translated("The database"):
            try:
                await batch.commit(retry=RETRY, timeout=TIMEOUT)
            except (FailedPrecondition, NotFound):
                return False
        return True

    def _customer(self, customer_id: str) -> AsyncDocumentReference:
        return self._client.collection(customers.COLLECTION).document(document_id(customer_id))

    def _orders(self, customer_id: str) -> AsyncQuery:
        query = self._client.collection(orders.COLLECTION).where(
            filter=FieldFilter("customer_id", "==", customer_id)
        )
        return query.order_by("__name__")
