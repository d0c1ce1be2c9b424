"""The simulated vendor: takes messages, enters each once into its books, and calls the webhook back."""

import asyncio
import random
import secrets
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import functions_framework.aio
from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from crm.channels.simulator_ledger import LedgerEntry, SimulatorLedger
from crm.config import VendorSettings, load
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.events import Envelope, PushGuard, body_of, guarded
from crm.entry.problems import problem
from crm.kernel.errors import NotFound, Unauthenticated, Unavailable
from crm.platform import probes
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.pubsub import Publisher
from crm.platform.webhooks import WebhookSender
from crm.topology import PUBLISHES
from vendor_sim.bodies import (
    Batch,
    Booked,
    Ids,
    LedgerResponse,
    Message,
    MessageId,
    Results,
    Summary,
    booked,
    result,
)
from vendor_sim.callbacks import Callbacks, calls, packed
from vendor_sim.outcomes import refusal

TOPIC = "vendor-callbacks"

LONGEST_NAP = 10.0
"""Seconds that a push may wait for its moment; what is due later is published anew."""

settings = load(VendorSettings)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
webhook = WebhookSender(settings.webhook_url, settings.webhook_secret)
draw = random.Random(settings.seed).random  # noqa: S311  # decides which calls of a simulation fail


async def with_key(authorization: Annotated[str, Header()] = "") -> None:
    """Let in who has the vendor's key."""
    if not secrets.compare_digest(authorization.encode(), f"Bearer {settings.vendor_key}".encode()):
        raise Unauthenticated("The vendor does not know this key.")


api = APIRouter(prefix="/v1", dependencies=[Depends(with_key)])
events = APIRouter(dependencies=[guarded(guard)])


@api.post("/messages", response_model=Results)
async def take(batch: Batch) -> Results | Response:
    """Accept or reject each message. The receipts are on their way before this is answered."""
    if draw() < settings.throttle_rate:
        return problem(429, "Too many calls; wait a moment.", headers={"Retry-After": "1"})
    if draw() < settings.error_rate:
        raise Unavailable("The simulated vendor is out of order.", retry_after=1)
    moment = now()
    entries = await ledger().enter([_entry(message, moment) for message in batch.messages])
    # Published for known messages too: the call that stored them may have been killed before this.
    accepted = [(entry.message_id, entry.at) for entry in entries.values() if entry.status == "accepted"]
    await broker().publish(TOPIC, packed(settings, accepted))
    if draw() < settings.timeout_rate:
        await asyncio.sleep(settings.hang)
    return Results(results=[result(entries[message.id]) for message in batch.messages])


@api.get("/messages/{message_id}")
async def look_up(message_id: MessageId) -> Booked:
    """One message of the books."""
    found = await ledger().get([message_id])
    if message_id not in found:
        raise NotFound("The vendor was never offered this message.")
    return booked(found[message_id])


@api.get("/ledger")
async def audit(ids: Annotated[Ids, Query()]) -> LedgerResponse:
    """Those of the messages `ids`, separated by commas, that are in the books."""
    found = await ledger().get(ids)
    return LedgerResponse(messages=[booked(found[name]) for name in ids if name in found])


@api.get("/ledger/summary")
async def summary() -> Summary:
    """The books in two figures."""
    return Summary(**await ledger().summary())


@events.post(f"/events/{TOPIC}", status_code=204, include_in_schema=False)
async def call_back(envelope: Envelope) -> None:
    """Call the webhook when the receipts are due. The push fails where it does not take them."""
    callbacks = body_of(envelope, Callbacks)
    wait = (callbacks.not_before - now()).total_seconds()
    await asyncio.sleep(max(0.0, min(wait, LONGEST_NAP)))
    if wait > LONGEST_NAP:
        await broker().publish(TOPIC, [envelope.message.data])
        return
    bodies = calls(callbacks, settings.callback_batch)
    outcomes = await asyncio.gather(*(webhook.post(body, now()) for body in bodies), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise failures[0]


def _entry(message: Message, moment: datetime) -> LedgerEntry:
    reason = refusal(settings, message.id, message.to)
    return LedgerEntry(
        message_id=message.id,
        status="accepted" if reason is None else "rejected",
        reason=reason,
        at=moment,
        content=message.model_dump(exclude={"id"}) if settings.keep_content else {},
    )


@cache
def ledger() -> SimulatorLedger:
    return SimulatorLedger(client(settings.project, settings.database))


@cache
def broker() -> Publisher:
    return Publisher(settings.project, settings.topic_prefix)


app = create_app("Simulated vendor", "Delivers nothing, and reports on it like a vendor.")
app.include_router(api)
app.include_router(events)
health.mount(
    app,
    database=probes.of_database(lambda: client(settings.project, settings.database)),
    broker=probes.of_topics(broker, *PUBLISHES["vendor"]),
)
handler = serve(app, settings.project)


@functions_framework.aio.http
async def vendor(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
