"""All functions on one database, called as their callers do; a test hands on what they publish."""

import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from crm.audience.usecases.maintain import Maintain
from devstack.broker import Broker
from tests.delivery.campaign_stores import TOPICS, World, envelope
from tests.functions.campaigns.conftest import Api, api, finish_erasures, function
from tests.projection import store_of
from tests.support import client_of, load_function
from tests.vendor_stub import VendorStub

__all__ = ["api", "function"]

SECRET = "whsec_" + base64.b64encode(b"n" * 24).decode()


@dataclass
class Everybody:
    """The functions. `deliver` is the world's; its clock is the real one."""

    api: Api
    world: World
    ingest: httpx2.AsyncClient
    consumer: httpx2.AsyncClient
    receipts: httpx2.AsyncClient
    broker: Broker

    async def ingests(self, kind: str, *records: dict[str, Any]) -> None:
        """Post records with an API key, and have the consumer store them."""
        answer = await self.ingest.post(f"/api/v1/ingest/{kind}/batch", json={"records": records})
        assert answer.status_code == 202, answer.text
        await self.stores()

    async def stores(self) -> None:
        """Have the consumer take all published records."""
        for message in self.broker.take_unhandled("records"):
            answer = await self.consumer.post(
                "/events/records", json=envelope(base64.b64decode(message["data"]))
            )
            assert answer.status_code == 204, answer.text

    async def sends(self) -> None:
        """Have deliver take all that is published, until nothing is."""
        while sum([await self.world.handles(topic) for topic in TOPICS]):
            pass

    async def reports(self, *receipts: dict[str, Any]) -> None:
        """Receipts, signed by the vendor, posted and applied."""
        given = [{"occurred_at": datetime.now(UTC).isoformat(), **each} for each in receipts]
        body = json.dumps({"receipts": given})
        at = datetime.now(UTC)
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SECRET).sign("msg_1", at, body),
        }
        answer = await self.receipts.post("/api/v1/receipts", content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        for message in self.broker.take_unhandled("receipts"):
            await self.receipts.post("/events/receipts", json=envelope(base64.b64decode(message["data"])))

    async def finishes_erasures(self) -> None:
        """What the ticks of the next quarter of an hour do, without waiting for it."""
        await self.world.ticks()
        await finish_erasures(self.world.database)
        await Maintain(store=store_of(self.world.database))()


@pytest.fixture
async def everybody(
    vendor_stub: VendorStub,  # before the functions, which read its address
    api: Api,
    world: World,
    push_headers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    broker: Broker,
) -> AsyncIterator[Everybody]:
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", SECRET)
    world.now = datetime.now(UTC)
    key = (
        await api.post("/keys", {"name": "Shop", "scopes": ["ingest:customers", "ingest:orders"]}, "admin")
    ).json()["key"]
    async with AsyncExitStack() as opened:

        async def caller(name: str, headers: dict[str, str]) -> httpx2.AsyncClient:
            return await opened.enter_async_context(client_of(load_function(name), headers=headers))

        yield Everybody(
            api=api,
            world=world,
            ingest=await caller("ingest", {"Authorization": f"Bearer {key}"}),
            consumer=await caller("consumer", push_headers),
            receipts=await caller("receipts", push_headers),
            broker=broker,
        )


@pytest.fixture
def broker(project: str) -> Broker:
    """The broker, with the topics of records and receipts; nobody pushes from their subscriptions."""
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in ("records", "receipts"):
        made.create_topic(topic)
        made.create_subscription(topic, {"topic": made.topic_name(topic)})
    return made
