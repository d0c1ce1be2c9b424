"""The simulated vendor: accepts messages, stores each once in its ledger, and reports through the webhook."""

import asyncio
import logging
import random
import secrets
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import functions_framework.aio
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from crm.access import gate
from crm.access.rate_limits import RateLimits
from crm.channels.simulator_ledger import LedgerEntry, SimulatorLedger
from crm.config import VendorSettings, load
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.bearer import bearer_token
from crm.entry.events import Push, PushGuard, body_of
from crm.entry.problems import problem
from crm.entry.routing import Router
from crm.kernel.errors import Invalid, NotFound, Unauthenticated, Unavailable
from crm.platform import probes
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.pubsub import Publisher
from crm.platform.webhooks import WebhookSender
from crm.topology import PUBLISHES
from vendor_sim.bodies import (
    Batch,
    Ids,
    LedgerMessage,
    LedgerResponse,
    Message,
    MessageId,
    Results,
    Summary,
    ledger_message,
    result,
)
from vendor_sim.callbacks import Callbacks, calls, packed
from vendor_sim.outcomes import refusal

TOPIC = "vendor-callbacks"

logger = logging.getLogger(__name__)

LONGEST_WAIT = 10.0
"""Seconds that a push may wait until its receipts are due. If they are due later, it is published again."""

LATEST = 24 * 60 * 60.0
"""Seconds until the latest receipts that a message may hold; ours are due within a quarter of that."""

settings = load(VendorSettings)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
webhook = WebhookSender(settings.webhook_url, settings.webhook_secret)
draw = random.Random(settings.seed).random  # noqa: S311  # decides which calls of a simulation fail


async def with_key(request: Request, *_: object) -> None:
    """Require the vendor's key. Raises Unauthenticated."""
    if not secrets.compare_digest(bearer_token(request).encode(), settings.vendor_key.encode()):
        raise Unauthenticated("The vendor does not know this key.")


api = Router(prefix="/v1")
events = Router()


@api.post("/messages", response_model=Results)
async def take(batch: Batch) -> Results | Response:
    """Accept or reject each message. Its receipts are published before the answer."""
    if draw() < settings.throttle_rate:
        return problem(429, "Too many calls; wait a moment.", headers={"Retry-After": "1"})
    if draw() < settings.error_rate:
        raise Unavailable("The simulated vendor is out of order.", retry_after=1)
    at = now()
    entries = await ledger().enter([_entry(message, at) for message in batch.messages])
    # Published for known messages too: the call that stored them may have been killed before this.
    accepted = [(entry.message_id, entry.at) for entry in entries.values() if entry.status == "accepted"]
    await broker().publish(TOPIC, packed(settings, accepted))
    if draw() < settings.timeout_rate:
        await asyncio.sleep(settings.hang)
    return Results(results=[result(entries[message.id]) for message in batch.messages])


@api.get("/messages/{message_id}")
async def look_up(message_id: MessageId) -> LedgerMessage:
    """One message of the ledger."""
    found = await ledger().get([message_id])
    if message_id not in found:
        raise NotFound("The vendor was never offered this message.")
    return ledger_message(found[message_id])


@api.get("/ledger")
async def audit(ids: Annotated[Ids, Query()]) -> LedgerResponse:
    """The messages among `ids`, separated by commas, that are in the ledger."""
    found = await ledger().get(ids)
    return LedgerResponse(messages=[ledger_message(found[name]) for name in ids if name in found])


@api.get("/ledger/summary")
async def summary() -> Summary:
    """The ledger in two figures."""
    return Summary(**await ledger().summary())


@events.post(f"/events/{TOPIC}", status_code=204, include_in_schema=False)
async def call_back(envelope: Push) -> None:
    """Call the webhook when the receipts are due. Raises Unavailable if it does not accept them.

    A message that is not one of ours is dropped: to deliver it again would not help.
    """
    try:
        callbacks = body_of(envelope, Callbacks)
        wait = (callbacks.not_before - now()).total_seconds()
        if wait > LATEST:
            raise Invalid.at("message.data.not_before", "is more than a day away")
    except Invalid as refusal:
        logger.warning("dropped a message of %s: %s", TOPIC, refusal)
        return
    await asyncio.sleep(max(0.0, min(wait, LONGEST_WAIT)))
    if wait > LONGEST_WAIT:
        await broker().publish(TOPIC, [envelope.message.data])
        return
    bodies = calls(callbacks, settings.callback_batch)
    outcomes = await asyncio.gather(*(webhook.post(body, now()) for body in bodies), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise failures[0]


def _entry(message: Message, at: datetime) -> LedgerEntry:
    reason = refusal(settings, message.id, message.to)
    return LedgerEntry(
        message_id=message.id,
        status="accepted" if reason is None else "rejected",
        reason=reason,
        at=at,
        content=message.model_dump(exclude={"id"}) if settings.keep_content else {},
    )


@cache
def ledger() -> SimulatorLedger:
    return SimulatorLedger(client(settings.project, settings.database))


@cache
def broker() -> Publisher:
    return Publisher(settings.project, settings.topic_prefix)


app = create_app("Simulated vendor", "Accepts messages and reports on them; sends nothing.")
app.include_router(api)
app.include_router(events)
health.mount(
    app,
    database=probes.of_database(lambda: client(settings.project, settings.database)),
    broker=probes.of_topics(broker, *PUBLISHES["vendor"]),
)
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(app, "vendor", {"vendor_key": with_key, "push": guard}, rates)
handler = serve(app)


@functions_framework.aio.http
async def vendor(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
