"""Delivery: from a launch to a frozen audience to chunks in the vendor's hands; and the scheduler's tick."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo

import functions_framework.aio
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.types import ASGIApp

from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.channels.vendor import HttpVendor
from crm.config import DeliverSettings, load
from crm.customers.store.customers import Recipients
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.delivery.store.chunks import Chunks, FrozenAudiences
from crm.delivery.usecases.dispatch import dispatch
from crm.delivery.usecases.freeze import freeze, freeze_partition
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.events import Envelope, PushGuard, body_of, guarded
from crm.entry.logs import about
from crm.platform import probes
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.pubsub import Publisher
from crm.supervision.store.supervision import FirestoreProgress
from crm.supervision.usecases.circuit_breaker import Circuit
from crm.topology import PUBLISHES, TICK_PATH

settings = load(DeliverSettings)
zone = ZoneInfo(settings.time_zone)
lease = timedelta(seconds=settings.lease)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
router = APIRouter(dependencies=[guarded(guard)])

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^/]+$")]


class Launch(BaseModel):
    """A message of the topic `launches`."""

    campaign_id: Name


class Partition(BaseModel):
    """A message of the topic `partitions`."""

    campaign_id: Name
    partition: Annotated[int, Field(ge=0)]


class ChunkMessage(BaseModel):
    """A message of the topic `chunks`."""

    campaign_id: Name
    chunk_id: Name
    rate_version: Annotated[int, Field(ge=0)] = 0


@router.post("/events/launches", status_code=204)
async def launches(envelope: Envelope) -> None:
    """Ask for each part of a launched campaign's audience."""
    body = body_of(envelope, Launch)
    about(campaign_id=body.campaign_id)
    await freeze(campaigns(), frozen_lists(), frozen_audiences(), broker(), body.campaign_id)


@router.post("/events/partitions", status_code=204)
async def partitions(envelope: Envelope) -> None:
    """Write down the recipients of one part; after the last part the sending starts."""
    body = body_of(envelope, Partition)
    about(campaign_id=body.campaign_id, partition=body.partition)
    await freeze_partition(
        campaigns(),
        frozen_lists(),
        frozen_audiences(),
        broker(),
        body.campaign_id,
        body.partition,
        now(),
        lease,
    )


@router.post("/events/chunks", status_code=204)
async def chunks(envelope: Envelope) -> None:
    """Send one chunk."""
    body = body_of(envelope, ChunkMessage)
    database = client(settings.project, settings.database)
    about(campaign_id=body.campaign_id, chunk_id=body.chunk_id)
    await dispatch(
        campaigns(),
        Chunks(database),
        Recipients(database),
        vendor(),
        links(),
        body.campaign_id,
        body.chunk_id,
        body.rate_version,
        now(),
        lease,
        timedelta(hours=settings.vendor_memory_hours),
        circuit(),
    )


@router.post(TICK_PATH, status_code=204)
async def tick() -> None:
    """What the scheduler calls every minute."""
    await every_tick()(now)


@cache
def every_tick() -> Callable[[Callable[[], datetime]], Awaitable[None]]:
    from deliver_tick import every_tick  # it loads polars, which no message needs

    database = client(settings.project, settings.database)
    return every_tick(settings, database, broker(), circuit(), zone, lease)


def campaigns() -> Campaigns:
    return Campaigns(client(settings.project, settings.database))


def circuit() -> Circuit:
    database = client(settings.project, settings.database)
    return Circuit(
        campaigns=campaigns(),
        counts=Counters(database),
        progress=FirestoreProgress(database),
        threshold=settings.circuit_threshold,
        minimum=settings.circuit_minimum,
    )


def frozen_lists() -> FrozenLists:
    return FrozenLists(client(settings.project, settings.database))


def frozen_audiences() -> FrozenAudiences:
    return FrozenAudiences(client(settings.project, settings.database))


@cache
def broker() -> Publisher:
    return Publisher(settings.project, settings.topic_prefix)


@cache
def vendor() -> HttpVendor:
    return HttpVendor(settings.vendor_url, settings.vendor_key, settings.vendor_timeout)


@cache
def links() -> UnsubscribeLinks:
    return UnsubscribeLinks(settings.public_url, settings.unsubscribe_keys)


app = create_app("CRM delivery")
app.include_router(router)
health.mount(
    app,
    database=probes.of_database(lambda: client(settings.project, settings.database)),
    broker=probes.of_topics(broker, *PUBLISHES["deliver"]),
)
handler = serve(app, settings.project)


@functions_framework.aio.http  # type: ignore[arg-type]  # its annotation leaves ASGI apps out
async def deliver(request: Request) -> ASGIApp:
    """The entry point of functions-framework."""
    return await handler(request)
