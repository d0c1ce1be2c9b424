"""The audience's change log, written in the commit that changes the rows.

Apart from those who read it, so that whoever writes needs no polars.
"""

from collections.abc import Sequence

from google.cloud.firestore import SERVER_TIMESTAMP, AsyncClient, AsyncWriteBatch

from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.order import Order

LOG = "audience_log"
ERASED = "erased"
"""The mark of a document that erases somebody."""


def log_writes(
    client: AsyncClient, batch: AsyncWriteBatch, customers: Sequence[Customer], orders: Sequence[Order]
) -> int:
    """Add the packed rows to `batch`, the commit that writes them; the count of documents added.

    Each row is as stored, its version already raised. Usually this is one document, at most 900 kB. One that
    says that customers were erased is marked, for whoever compacts has to be thorough then.
    """
    payloads = encode(customers, orders)
    mark = {ERASED: True} if any(customer.erased_at is not None for customer in customers) else {}
    for payload in payloads:
        batch.create(client.collection(LOG).document(), {"at": SERVER_TIMESTAMP, "payload": payload, **mark})
    return len(payloads)
