"""The audience's change log, written in the commit that changes the rows.

Apart from those who read it, so that whoever writes needs no polars.
"""

from collections.abc import Sequence

from google.cloud.firestore import SERVER_TIMESTAMP, AsyncClient, AsyncWriteBatch

from crm.audience.changes import encode
from crm.domain.customers import Customer
from crm.domain.orders import Order

LOG = "audience_log"


def log_writes(
    client: AsyncClient, batch: AsyncWriteBatch, customers: Sequence[Customer], orders: Sequence[Order]
) -> int:
    """Add the packed rows to `batch`, the commit that writes them; the count of documents added.

    Each row is as stored, its version already raised. Usually this is one document, at most 900 kB.
    """
    payloads = encode(customers, orders)
    for payload in payloads:
        batch.create(client.collection(LOG).document(), {"at": SERVER_TIMESTAMP, "payload": payload})
    return len(payloads)
