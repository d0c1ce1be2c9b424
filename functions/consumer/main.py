"""Consumer: packed records come by Pub/Sub and become customers, orders and totals; dead letters are kept."""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any
from zlib import crc32

import functions_framework.aio
from fastapi import APIRouter
from starlette.requests import Request

from crm.config import ConsumerSettings, load
from crm.customers.dead_letters import DeadLetter
from crm.customers.packs import Record, unpack
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.keep_dead_letter import keep_dead_letter
from crm.customers.usecases.persist import persist
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.batching import ShardedBatcher, shared
from crm.entry.events import Envelope, PushGuard, guarded
from crm.platform import probes
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.jitter import pause

COMMIT_SIZE = 1000
"""Records of a commit, unless one message holds more."""

LANES = 2
"""Commits under way at once: while the database works on one, the next is made."""

logger = logging.getLogger(__name__)
settings = load(ConsumerSettings)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
router = APIRouter(include_in_schema=False, dependencies=[guarded(guard)])


@router.post("/events/records", status_code=204)
async def records(envelope: Envelope) -> None:
    """Persist a packed message. It is acknowledged only after the commit that it shares with others."""
    await commits().submit(unpack(envelope.message.data))


@router.post("/events/dead-letters", status_code=204)
async def dead_letters(envelope: Envelope) -> None:
    """Keep what some handler refused too often."""
    letters = DeadLetters(client(settings.project, settings.database))
    await keep_dead_letter(letters, envelope.message.data, envelope.message.attributes, settings.topic_prefix)


@cache
def commits() -> ShardedBatcher[Record | DeadLetter]:
    """Pushes that come at once share commits. A customer's records always go the same way, one commit after
    the other, so that commits of one instance do not meet in the same customers."""
    ways = [shared(_persist, settings.commit_window_ms, COMMIT_SIZE, concurrency=1) for _ in range(LANES)]
    return ShardedBatcher(ways, _way)


def _way(item: Record | DeadLetter) -> int:
    return 0 if isinstance(item, DeadLetter) else crc32(item.customer_id.encode())


async def _persist(items: Sequence[Record | DeadLetter]) -> None:
    done = await persist(FirestoreRecords(client(settings.project, settings.database)), items, pause)
    if done.dropped:
        logger.info("dropped %d records of erased customers", done.dropped)
    if done.refused:
        logger.warning("kept %d records as dead letters", done.refused)


app = create_app("CRM consumer")
app.include_router(router)
health.mount(app, database=probes.of_database(lambda: client(settings.project, settings.database)))
handler = serve(app, settings.project)


@functions_framework.aio.http
async def consumer(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
