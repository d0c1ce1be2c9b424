"""What comes back: vendors' signed webhooks, which change rows of the communication log, and recipients who
unsubscribe."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import functions_framework.aio
from starlette.requests import Request

from crm import retention
from crm.access import gate
from crm.access.live_signatures import LiveSignatures
from crm.access.rate_limits import RateLimits, SignedLink
from crm.access.refused_callers import Reason, RefusedCallers
from crm.access.store.webhook_secrets import WebhookSecrets
from crm.config import ReceiptsSettings, load
from crm.customers.customer_key import use_secret
from crm.customers.dead_letters import DeadLetter
from crm.customers.store.customers import Customers
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.unsubscribe_links import PATH as UNSUBSCRIBE
from crm.customers.unsubscribe_links import UnsubscribeTokens
from crm.customers.usecases.keep_letters import KeepLetters
from crm.delivery.receipt_batches import PACK_SIZE, ReceiptBatch, check, unpack
from crm.delivery.receipt_commits import COMMIT_SIZE
from crm.delivery.receipts import Receipt
from crm.delivery.store.receipts import FirestoreReceipts
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.delivery.usecases.await_rows import AwaitRows
from crm.delivery.usecases.receive_receipts import ReceiveReceipts
from crm.entry import docs, health, problems
from crm.entry.app import create_app, serve
from crm.entry.batches import BatchAccepted, batch_accepted
from crm.entry.batching import Batcher, shared
from crm.entry.events import Push, PushGuard
from crm.entry.routing import Router
from crm.kernel.errors import NotFound
from crm.platform import probes
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.identity import IdTokens
from crm.platform.jitter import long_pause
from crm.platform.pubsub import Publisher
from crm.platform.webhooks import Fault, RefusedWebhook, require_fresh
from crm.topology import PUBLISHES
from receipts_unsubscribe import error_page
from receipts_unsubscribe import routes as unsubscribing

PREFIX = "/api/v1/receipts"

logger = logging.getLogger(__name__)
REFUSED: Final[Mapping[Fault, Reason]] = {
    "unsigned": "webhook_unsigned",
    "time": "webhook_time",
    "signature": "webhook_signature",
}
"""What the log says of a refused webhook."""

settings = load(ReceiptsSettings)
retention.use(settings.retention)
use_secret(settings.id_key)
signatures = LiveSignatures(
    settings.webhook_secrets,
    settings.webhook_key,
    lambda: WebhookSecrets(client(settings.project, settings.database)),
)
refused_webhooks = RefusedCallers()
unsubscribe_tokens = UnsubscribeTokens(settings.unsubscribe_keys)
guard = PushGuard(
    IdTokens(settings.certs_url, settings.issuers),
    settings.push_audience,
    settings.push_account,
    settings.push_token_in_query,
)


@cache
def broker() -> Publisher:
    return Publisher(settings.project, settings.topic_prefix)


@cache
def packs() -> Batcher[Sequence[Receipt], None]:
    """Concurrent calls share messages; each is answered when the broker has its receipts."""
    return shared(ReceiveReceipts(broker=broker()), settings.pack_window_ms, PACK_SIZE, concurrency=4)


@cache
def commits() -> Batcher[Sequence[Receipt], None]:
    """Concurrent pushes share a commit; each is acknowledged after it."""
    return shared(
        ApplyReceipts(receipts=receipt_store(), pause=long_pause), settings.commit_window_ms, COMMIT_SIZE
    )


@cache
def receipt_store() -> FirestoreReceipts:
    return FirestoreReceipts(client(settings.project, settings.database))


@cache
def customers() -> FirestoreRecords:
    return FirestoreRecords(client(settings.project, settings.database))


async def signed(request: Request, _: object, require_trust: Callable[[], None]) -> None:
    """Raise RefusedWebhook unless a valid secret signed the call, TooManyRequests, Unavailable. What the
    headers prove wrong is refused before the body is read."""
    try:
        require_fresh(request.headers, now())
        require_trust()
        await signatures.check(await request.body(), request.headers, now())
    except RefusedWebhook as refused:
        refused_webhooks.note(REFUSED[refused.fault])
        raise


async def followed(request: Request, *_: object) -> SignedLink | None:
    """The link of the call; None for one that is not ours, which the route answers."""
    try:
        return SignedLink(unsubscribe_tokens.parse(request.path_params["token"]).message_id)
    except NotFound:
        return None


router = Router()


@router.post(
    PREFIX,
    status_code=202,
    tags=["receipts"],
    openapi_extra=docs.body_of(Receipt, ReceiptBatch),
    responses=docs.problems(400, 401, 413, 415, 422, 503),
)
async def receive(request: Request) -> BatchAccepted:
    """Take one receipt, or up to 1,000. In a list an invalid one does not stop the others.

    Each call is signed as standardwebhooks.com says, in `webhook-id`, `webhook-timestamp` and
    `webhook-signature`. Sending receipts again, or in another order, changes nothing.
    """
    receipts, answer = await asyncio.to_thread(_checked, await request.body(), now())
    if receipts:
        await packs().submit(receipts)
    return answer


def _checked(body: bytes, at: datetime) -> tuple[Sequence[Receipt], BatchAccepted]:
    """The valid receipts of a body, and the answer once they are durable."""
    checked = check(body, at)
    return checked.receipts, batch_accepted(len(checked.receipts), checked.rejected)


@router.post("/events/receipts", status_code=204, include_in_schema=False)
async def apply(envelope: Push) -> None:
    """Apply a packed message. Invalid receipts are kept as dead letters: another delivery would not help."""
    found = await asyncio.to_thread(unpack, envelope.message.data, now())
    valid = [each for each in found if isinstance(each, Receipt)]
    if valid:
        await AwaitRows(receipts=receipt_store(), sleep=asyncio.sleep)(valid)
        await commits().submit(valid)
    letters = [each for each in found if isinstance(each, DeadLetter)]
    if letters:
        database = client(settings.project, settings.database)
        await KeepLetters(letters=DeadLetters(database), customers=Customers(database))(letters)
        logger.warning("kept %d receipts as dead letters", len(letters))


app = create_app(
    "CRM receipts",
    "Vendors report here what became of messages: delivered, failed, opened, clicked. 202 means that the "
    "receipts are durable; the figures follow shortly after.",
)
app.include_router(router)
app.include_router(unsubscribing(unsubscribe_tokens, customers))
problems.show_pages(app, UNSUBSCRIBE, error_page)
health.mount(
    app,
    database=probes.of_database(lambda: client(settings.project, settings.database)),
    broker=probes.of_topics(broker, *PUBLISHES["receipts"]),
)
docs.mount(app, PREFIX, [Receipt, ReceiptBatch])
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(app, "receipts", {"signature": signed, "push": guard, "token": followed}, rates)
handler = serve(app)


@functions_framework.aio.http
async def receipts(request: Request) -> Any:
    """The entry point of functions-framework, whose types do not know that it serves ASGI apps."""
    return await handler(request)
