"""Delivery: from a launch to a frozen audience to chunks handed to the vendor; and the scheduler's tick."""

import logging
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import functions_framework.aio
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.types import ASGIApp

from crm import retention
from crm.access import gate
from crm.access.rate_limits import RateLimits
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.channels.http_vendor import HttpVendor
from crm.config import DeliverSettings, load
from crm.customers.customer_key import use_secret
from crm.customers.dead_letters import DeadLetter
from crm.customers.store.customers import Customers, Recipients
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.customers.usecases.keep_letters import KeepLetters
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.delivery.usecases.dispatch import Dispatch
from crm.delivery.usecases.freeze_partition import FreezePartition
from crm.delivery.usecases.hand_over import HandOver
from crm.delivery.usecases.start_sending import StartSending
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.events import Envelope, Push, PushGuard, body_of
from crm.entry.logs import about
from crm.entry.routing import Router
from crm.kernel.errors import Invalid
from crm.kernel.ids import OWN_ID
from crm.platform import probes
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.pubsub import Publisher
from crm.platform.worker import Worker
from crm.supervision.store.progress import FirestoreProgress
from crm.supervision.usecases.check_failures import CheckFailures
from crm.supervision.usecases.circuit_breaker import CircuitBreaker
from crm.topology import PUBLISHES, TICK_PATH

if TYPE_CHECKING:
    from deliver_tick import EveryMinute

logger = logging.getLogger(__name__)
settings = load(DeliverSettings)
retention.use(settings.retention)
use_secret(settings.id_key)
zone = ZoneInfo(settings.time_zone)
lease = timedelta(seconds=settings.lease)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
router = Router()

Id = Annotated[str, Field(pattern=OWN_ID)]
Number = Annotated[int, Field(ge=0, le=10**9)]
Body = TypeVar("Body", bound=BaseModel)


class PartitionMessage(BaseModel):
    """A message of the topic `partitions`."""

    campaign_id: Id
    partition: Number


class ChunkMessage(BaseModel):
    """A message of the topic `chunks`."""

    campaign_id: Id
    chunk_id: Id
    rate_version: Number = 0


@router.post("/events/partitions", status_code=204)
async def partitions(envelope: Push) -> None:
    """Cut one partition into chunks; after the last one sending starts."""
    body = await _body_or_letter("partitions", envelope, PartitionMessage)
    if body is not None:
        about(campaign_id=body.campaign_id, partition=body.partition)
        await freeze_partition()(body.campaign_id, body.partition, now())


@router.post("/events/chunks", status_code=204)
async def chunks(envelope: Push) -> None:
    """Send one chunk."""
    body = await _body_or_letter("chunks", envelope, ChunkMessage)
    if body is not None:
        about(campaign_id=body.campaign_id, chunk_id=body.chunk_id)
        await dispatch()(body.campaign_id, body.chunk_id, body.rate_version, now())


@router.post(TICK_PATH, status_code=204)
async def tick() -> None:
    """What the scheduler calls every minute."""
    await every_minute()(now)
    logger.info("the tick is done")  # an alert rings where it is not logged for five minutes


async def _body_or_letter(topic: str, envelope: Envelope, model: type[Body]) -> Body | None:
    """The message, or None after it was kept as a dead letter: to deliver it again would not help."""
    try:
        return body_of(envelope, model)
    except Invalid as refusal:
        letter = DeadLetter(source=topic, reason=str(refusal), payload=envelope.message.data)
        database = client(settings.project, settings.database)
        await KeepLetters(letters=DeadLetters(database), customers=Customers(database))([letter])
        logger.warning("kept a message of %s as a dead letter: %s", topic, refusal)
        return None


def freeze_partition() -> FreezePartition:
    return FreezePartition(
        campaigns=campaigns(),
        lists=frozen_lists(),
        frozen_audience=frozen_audiences(),
        start_sending=start_sending(),
        patience=lease,
    )


def start_sending() -> StartSending:
    return StartSending(
        campaigns=campaigns(), lists=frozen_lists(), frozen_audience=frozen_audiences(), requests=requests()
    )


def dispatch() -> Dispatch:
    database = client(settings.project, settings.database)
    return Dispatch(
        campaigns=campaigns(),
        chunks=FirestoreChunkLeases(database),
        customers=Recipients(database),
        rendering=rendering(),
        hand_over=HandOver(vendor=vendor(), patience=lease / 2),
        link_to=links().to,
        check_failures=CheckFailures(
            counts=Counters(database), progress=FirestoreProgress(database), circuit_breaker=circuit_breaker()
        ),
        lease=lease,
        memory=timedelta(hours=settings.vendor_memory_hours),
    )


@cache
def every_minute() -> "EveryMinute":
    from deliver_tick import EveryMinute  # it loads polars, which no message needs

    database = client(settings.project, settings.database)
    return EveryMinute(settings, database, requests(), circuit_breaker(), zone, lease)


def campaigns() -> Campaigns:
    return Campaigns(client(settings.project, settings.database))


def circuit_breaker() -> CircuitBreaker:
    return CircuitBreaker(
        campaigns=campaigns(),
        threshold=settings.circuit_breaker_threshold,
        minimum=settings.circuit_breaker_minimum,
    )


def frozen_lists() -> FrozenLists:
    return FrozenLists(client(settings.project, settings.database))


def frozen_audiences() -> FrozenAudiences:
    return FrozenAudiences(client(settings.project, settings.database))


def requests() -> DeliveryRequests:
    return DeliveryRequests(broker())


@cache
def rendering() -> Worker:
    return Worker(patience=lease / 4)


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
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(app, "deliver", {"push": guard}, rates)
handler = serve(app)


@functions_framework.aio.http  # type: ignore[arg-type]  # its annotation leaves ASGI apps out
async def deliver(request: Request) -> ASGIApp:
    """The entry point of functions-framework."""
    return await handler(request)
