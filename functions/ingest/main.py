"""Ingest: receives customers and orders by HTTP, validates them, and publishes them to Pub/Sub."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import functions_framework.aio
from pydantic import BaseModel
from starlette.requests import Request

from crm.access import gate
from crm.access.api_keys import ApiKey
from crm.access.key_auth import KeyAuth
from crm.access.live_keys import LiveKeys
from crm.access.rate_limits import RateLimits
from crm.access.store.api_keys import ApiKeys
from crm.config import IngestSettings, load
from crm.customers.batches import CustomerBatch, OrderBatch
from crm.customers.checks import check_batch, check_one
from crm.customers.packs import Kind, Record
from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.usecases.ingest import Ingest
from crm.entry import docs, health
from crm.entry.app import create_app, serve
from crm.entry.batches import BatchAccepted, batch_accepted
from crm.entry.batching import Batcher, shared
from crm.entry.routing import Router
from crm.platform import probes, tracing
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.pubsub import Publisher
from crm.topology import PUBLISHES

PREFIX = "/api/v1/ingest"

PACK_SIZE = 2000
"""About how many records of concurrent calls are packed and published together."""

logger = logging.getLogger(__name__)
settings = load(IngestSettings)


keys = LiveKeys(lambda: ApiKeys(client(settings.project, settings.database)))


async def verify(key: str, before_read: Callable[[], None]) -> ApiKey:
    """The key of this text. Raises Unauthenticated, Unavailable, and what `before_read` raises."""
    return await keys.verify(key, now(), before_read)


@cache
def broker() -> Publisher:
    """The broker for accepted records."""
    return Publisher(settings.project, settings.topic_prefix)


@cache
def packs() -> Batcher[Sequence[Record], None]:
    """Concurrent calls share messages; each is answered once its records are durable."""
    return shared(Ingest(broker=broker()), settings.pack_window_ms, PACK_SIZE, concurrency=4)


class Accepted(BaseModel):
    """The record is durable."""

    accepted: int = 1
    ids: list[str]


router = Router(
    prefix=PREFIX,
    responses=docs.problems(400, 401, 403, 413, 415, 422, 503),
)


@router.post("/customers", status_code=202, openapi_extra=docs.body_of(CustomerRecord), tags=["customers"])
async def post_customer(request: Request) -> Accepted:
    """Take one customer. A field left out stays as it was, a null empties it."""
    return await _one("customers", request)


@router.post(
    "/customers/batch", status_code=202, openapi_extra=docs.body_of(CustomerBatch), tags=["customers"]
)
async def post_customers(request: Request) -> BatchAccepted:
    """Take up to 1,000 customers. What is wrong with one stands in `rejected` and stops no other."""
    return await _batch("customers", request)


@router.post("/orders", status_code=202, openapi_extra=docs.body_of(OrderRecord), tags=["orders"])
async def post_order(request: Request) -> Accepted:
    """Take one order, always whole. Of what is said of an order, the newest `updated_at` wins."""
    return await _one("orders", request)


@router.post("/orders/batch", status_code=202, openapi_extra=docs.body_of(OrderBatch), tags=["orders"])
async def post_orders(request: Request) -> BatchAccepted:
    """Take up to 1,000 orders. What is wrong with one stands in `rejected` and stops no other."""
    return await _batch("orders", request)


async def _one(kind: Kind, request: Request) -> Accepted:
    record = check_one(kind, await request.body(), now())
    await packs().submit([record])
    _log_taken(1, kind)
    return Accepted(ids=[record.order_id if isinstance(record, OrderRecord) else record.customer_id])


async def _batch(kind: Kind, request: Request) -> BatchAccepted:
    # In a thread, because a batch of nothing but errors takes long enough to hold up other calls.
    records, answer = await asyncio.to_thread(_checked, kind, await request.body(), now())
    if records:
        await packs().submit(records)
        _log_taken(len(records), kind)
    return answer


def _log_taken(number: int, kind: Kind) -> None:
    """Log what was published, where the caller asks to follow it: of every call it would be too much."""
    trace = tracing.current()
    if trace is not None and trace.is_sampled:
        logger.info("took %d records of %s", number, kind)


def _checked(kind: Kind, body: bytes, at: datetime) -> tuple[Sequence[Record], BatchAccepted]:
    """The valid records of a batch, and the answer once they are durable."""
    checked = check_batch(kind, body, at)
    return checked.records, batch_accepted(len(checked.records), checked.rejected)


app = create_app(
    "CRM ingest",
    "Post customers and orders, one at a time or up to 1,000 in a call. 202 means that they are durable; "
    "they count shortly after. Sending a record again changes nothing, an older one changes nothing newer.",
)
app.include_router(router)
health.mount(
    app,
    database=probes.of_database(lambda: client(settings.project, settings.database)),
    broker=probes.of_topics(broker, *PUBLISHES["ingest"]),
)
docs.mount(app, PREFIX, [CustomerRecord, OrderRecord, CustomerBatch, OrderBatch])
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(app, "ingest", {"key": KeyAuth(verify)}, rates)
handler = serve(app)


@functions_framework.aio.http
async def ingest(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
