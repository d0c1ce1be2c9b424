"""`audience_log`: the change log of customers and orders, from which the audience is kept up to date.

Only written here; `crm.audience.store` reads it. So the functions that write need no polars.
"""

from collections.abc import Sequence
from uuid import uuid4

from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.platform.firestore.commits import Commit

LOG = "audience_log"
ERASED = "erased"
"""A field that only documents with an erasure have."""


def log_changes(commit: Commit, customers: Sequence[Customer], orders: Sequence[Order]) -> None:
    """Log the rows in the commit that writes them, usually as one document of at most 900 kB.

    Each row is as stored, with its version already raised. `at` is the time of the commit.
    Documents with an erasure are marked: the compaction then also deletes what it replaced.
    """
    erased = {ERASED: True} if any(customer.erased_at is not None for customer in customers) else {}
    for payload in encode(customers, orders):
        commit.create(f"{LOG}/{uuid4().hex}", {"payload": payload, **erased}, server_time="at")
