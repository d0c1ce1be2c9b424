"""Receipts: signed webhooks of vendors come in, rows of the communication log and their counters move."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import functions_framework.aio
from fastapi import APIRouter
from starlette.requests import Request

from crm.adapters.firestore.client import client
from crm.adapters.firestore.receipts import FirestoreReceipts
from crm.adapters.identity import IdTokens
from crm.adapters.pubsub import Publisher
from crm.adapters.webhooks import Signatures
from crm.config import ReceiptsSettings, load
from crm.domain.receipts import Receipt
from crm.entry import health
from crm.entry.app import create_app, serve
from crm.entry.events import Envelope, PushGuard, guarded
from crm.entry.grouping import Grouper
from crm.usecases.apply_receipts import COMMIT_SIZE, apply_receipts
from crm.usecases.receive_receipts import PACK_SIZE, receive_receipts
from receipts_api.bodies import Answer, parse, request_body
from receipts_api.sharing import shared

settings = load(ReceiptsSettings)
signatures = Signatures(settings.webhook_secrets)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)
router = APIRouter()


@router.post(
    "/api/v1/receipts", status_code=202, openapi_extra={"requestBody": request_body()}, tags=["receipts"]
)
async def receive(request: Request) -> Answer:
    """Take one receipt, or up to 1,000, signed as standardwebhooks.com says. 202 means they are durable.

    In a list a receipt that breaks a rule does not stop the others. Sending receipts again changes nothing.
    """
    body = await request.body()
    signatures.check(body, request.headers)
    found = parse(body)
    if found.receipts:
        await incoming().submit(found.receipts)
    return found.answer()


@router.post("/events/receipts", status_code=204, dependencies=[guarded(guard)], include_in_schema=False)
async def apply(envelope: Envelope) -> None:
    """Apply a packed message. What is wrong in it fails the push, after the rest of it was applied."""
    found = parse(envelope.message.data)
    if found.receipts:
        await commits().submit(found.receipts)
    found.require_all()


@cache
def incoming() -> Grouper[Sequence[Receipt], None]:
    """Callbacks that come at once share a message."""
    return shared(partial(receive_receipts, Publisher(settings.project)), settings.pack_window_ms, PACK_SIZE)


@cache
def commits() -> Grouper[Sequence[Receipt], None]:
    """Pushes that come at once share a commit."""
    book = FirestoreReceipts(client(settings.project))
    return shared(partial(apply_receipts, book), settings.commit_window_ms, COMMIT_SIZE)


app = create_app(
    "CRM receipts",
    "Receipts of what became of messages: delivered, failed, opened, clicked. Each call is signed with the "
    "shared secret (webhook-id, webhook-timestamp and webhook-signature, see standardwebhooks.com).",
)
app.include_router(router)
app.include_router(health.router)
handler = serve(app)


@functions_framework.aio.http
async def receipts(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
