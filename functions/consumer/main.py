"""Consumer: stores the records that Pub/Sub pushes as customers and orders, and keeps dead letters."""

import asyncio
import logging
from collections.abc import Sequence
from functools import cache
from typing import Any
from zlib import crc32

import functions_framework.aio
from starlette.requests import Request

from crm import retention
from crm.access import gate
from crm.access.rate_limits import RateLimits
from crm.config import ConsumerSettings, load
from crm.customers.customer_key import use_secret
from crm.customers.dead_letters import DeadLetter
from crm.customers.packs import Record, unpack
from crm.customers.store.customers import Customers
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.keep_dead_letter import KeepDeadLetter
from crm.customers.usecases.keep_letters import KeepLetters
from crm.customers.usecases.persist import PersistRecords
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.batching import ShardedBatcher, shared
from crm.entry.events import Push, PushGuard
from crm.entry.routing import Router
from crm.platform import probes
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.jitter import pause

COMMIT_SIZE = 1000
"""Records of a commit, unless a single message has more."""

CONCURRENT_COMMITS = 2
"""While the database works on one commit, the next is made."""

logger = logging.getLogger(__name__)
settings = load(ConsumerSettings)
retention.use(settings.retention)
use_secret(settings.id_key)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
router = Router(include_in_schema=False)


@router.post("/events/records", status_code=204)
async def records(envelope: Push) -> None:
    """Store a packed message. It is acknowledged only after the commit that it shares with others."""
    message = envelope.message
    await commits().submit(await asyncio.to_thread(unpack, message.data, message.attributes))


@router.post("/events/dead-letters", status_code=204)
async def dead_letters(envelope: Push) -> None:
    """Keep a message that a handler refused too often."""
    database = client(settings.project, settings.database)
    keep = KeepLetters(letters=DeadLetters(database), customers=Customers(database))
    await KeepDeadLetter(keep=keep, prefix=settings.topic_prefix)(
        envelope.message.data, envelope.message.attributes
    )


@cache
def commits() -> ShardedBatcher[Record | DeadLetter]:
    """Concurrent pushes share commits. A customer's records always go to the same shard, which commits one
    batch at a time, so that concurrent commits of one instance never change the same customer."""
    shards = [
        shared(_persist, settings.commit_window_ms, COMMIT_SIZE, concurrency=1)
        for _ in range(CONCURRENT_COMMITS)
    ]
    return ShardedBatcher(shards, _shard)


def _shard(item: Record | DeadLetter) -> int:
    return 0 if isinstance(item, DeadLetter) else crc32(item.customer_id.encode())


async def _persist(items: Sequence[Record | DeadLetter]) -> None:
    persist = PersistRecords(
        records=FirestoreRecords(client(settings.project, settings.database)), pause=pause
    )
    done = await persist(items)
    if done.dropped:
        logger.info("dropped %d records of erased customers", done.dropped)
    if done.refused:
        logger.warning("kept %d records as dead letters", done.refused)


app = create_app("CRM consumer")
app.include_router(router)
health.mount(app, database=probes.of_database(lambda: client(settings.project, settings.database)))
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(app, "consumer", {"push": guard}, rates)
handler = serve(app)


@functions_framework.aio.http
async def consumer(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
