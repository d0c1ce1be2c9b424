"""What a recipient takes, over a whole campaign: documents written and read, messages published."""

import asyncio
import base64
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from bench.counting import Asked, counted
from crm.kernel.batches import batched
from devstack.broker import Broker
from tests.delivery.campaign_stores import World, customer, envelope
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

RECIPIENTS = 1500
CALL = 100
"""Receipts of a call of the vendor."""

SECRET = "whsec_" + base64.b64encode(b"v" * 24).decode()


@pytest.fixture
def asked() -> Iterator[Asked]:
    found = Asked()
    with counted(found):
        yield found


async def test_a_recipient_takes_two_documents_written_and_two_read(
    world: World, push_headers: dict[str, str], asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", SECRET)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", SECRET)
    for start in range(0, RECIPIENTS, 500):
        await world.has(*(customer(n) for n in range(start, start + 500)))
    await world.drafts()
    before = asked - Asked()

    await world.launches()
    for topic in ("partitions", "chunks"):
        await world.handles(topic)
    sent = asked - before
    names = list(await all_message_ids(world))
    between = asked - Asked()
    await reported(world, names, push_headers)
    await world.ticks()
    spent = sent + (asked - between)

    assert (await world.campaign()).status == "finished"
    assert await world.stats() == {"audience": RECIPIENTS, "delivered": RECIPIENTS, "sent": RECIPIENTS}
    assert 2 * RECIPIENTS <= spent.writes <= 2.1 * RECIPIENTS
    assert 2 * RECIPIENTS <= spent.reads <= 2.2 * RECIPIENTS
    assert spent.messages <= 0.02 * RECIPIENTS


async def all_message_ids(world: World) -> list[str]:
    return [row.message_id for row in (await world.rows()).values()]


async def reported(world: World, names: list[str], push_headers: dict[str, str]) -> None:
    """The vendor reports on every message, a hundred in a call, and all that it reported is applied."""
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], world.project)
    broker.create_topic("receipts")
    broker.create_subscription("receipts", {"topic": broker.topic_name("receipts")})
    async with client_of(load_function("receipts"), headers=push_headers) as function:

        async def call(part: list[str]) -> int:
            at = world.now.isoformat()
            receipts = [{"message_id": name, "status": "delivered", "occurred_at": at} for name in part]
            body = json.dumps({"receipts": receipts})
            now = datetime.now(UTC)
            signed = {
                "webhook-id": "msg_1",
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(SECRET).sign("msg_1", now, body),
            }
            return (await function.post("/api/v1/receipts", content=body, headers=signed)).status_code

        assert set(await asyncio.gather(*map(call, batched(names, CALL)))) == {202}
        bodies = [base64.b64decode(message["data"]) for message in broker.take_unhandled("receipts")]
        pushes = (function.post("/events/receipts", json=envelope(body)) for body in bodies)
        assert {answer.status_code for answer in await asyncio.gather(*pushes)} == {204}
