"""Sample data for a new stack, posted through the ingest API like anybody's data."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.customers.store import customers, orders
from crm.kernel.batches import batched
from crm.sample import generate
from devstack.errors import StackError

ORDERS_PER_CUSTOMER = 4

_LOADED = "local_stack/sample"
"""Document that says how much sample data was loaded; it goes where the data goes."""

_BATCH = 500
_PERSIST_SECONDS = 600

Say = Callable[[str], None]


async def sample_data(database: AsyncClient, ingest_url: str, api_key: str, say: Say) -> bool:
    """Load the sample data unless that was done before; whether there was anything to do.

    `CRM_SAMPLE_CUSTOMERS` says how many customers, 0 for none. Returns when every record is stored. Raises
    StackError where the API refuses a record or the records do not arrive.
    """
    count = _customer_count()
    marker = database.document(_LOADED)
    if count == 0 or (await marker.get()).exists:
        return False
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    order_count = count * ORDERS_PER_CUSTOMER
    async with httpx2.AsyncClient(
        base_url=f"{ingest_url}/api/v1/ingest",
        headers={"Authorization": f"Bearer {api_key}"},
        timeout=60,
        trust_env=False,
    ) as api:
        await _post(api, "customers", list(generate.customers(count, today)), say)
        await _post(api, "orders", list(generate.orders(order_count, count, today)), say)
    await _persisted(database, count, order_count, say)
    await marker.set({"customers": count, "orders": order_count})
    say(f"{count:,} customers and {order_count:,} orders")
    return True


def _customer_count() -> int:
    text = os.environ.get("CRM_SAMPLE_CUSTOMERS") or "2000"
    if not text.isdigit():
        raise StackError(f"CRM_SAMPLE_CUSTOMERS is {text!r}. Set it to a number of customers, or unset it.")
    return int(text)


async def _post(api: httpx2.AsyncClient, kind: str, records: list[generate.Record], say: Say) -> None:
    sent = 0
    for batch in batched(records, _BATCH):
        try:
            answer = await api.post(f"/{kind}/batch", json={"records": batch})
        except httpx2.HTTPError as error:
            raise StackError(
                f"The ingest API did not take sample {kind}: {error!r}. See ingest.log."
            ) from error
        refused = answer.json().get("rejected") if answer.status_code == 202 else None
        if refused or answer.status_code != 202:
            raise StackError(
                f"The ingest API refused sample {kind} ({answer.status_code}): {answer.text[:500]}. "
                "See ingest.log; `make reset` starts over."
            )
        sent += len(batch)
        say(f"{sent:,} of {len(records):,} {kind} sent")


async def _persisted(database: AsyncClient, customer_count: int, order_count: int, say: Say) -> None:
    """Wait for the consumer: a 202 says that the records are safe, not that they are stored."""
    known = database.collection(customers.COLLECTION).where(filter=FieldFilter("known", "==", True))
    deadline = time.monotonic() + _PERSIST_SECONDS
    while time.monotonic() < deadline:
        stored_customers = await _count(known)
        stored_orders = await _count(database.collection(orders.COLLECTION))
        say(f"{stored_customers:,} customers and {stored_orders:,} orders stored")
        if stored_customers >= customer_count and stored_orders >= order_count:
            return
        await asyncio.sleep(0.3)
    raise StackError(
        f"Only {stored_customers:,} of {customer_count:,} sample customers and {stored_orders:,} of "
        f"{order_count:,} orders were stored. See consumer.log; `make reset` starts over."
    )


async def _count(query: Any) -> int:
    """How many documents `query` finds; the library types neither collections nor counts."""
    return int((await query.count().get())[0][0].value)
