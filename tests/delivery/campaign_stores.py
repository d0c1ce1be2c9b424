"""A small world for delivery tests: customers and campaigns in a real database, topics, function, vendor.

Messages go to real topics. Nothing pushes them: a test hands them to the function when it wants to.
"""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import httpx2
import pytest

from crm.audience.store.reader import AudienceReader
from crm.campaigns.campaign import Campaign, Counts, Message, Stats
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.campaigns.usecases.cancel import Cancel
from crm.campaigns.usecases.launch import Launch
from crm.campaigns.usecases.pause import Pause
from crm.campaigns.usecases.request_missing_partitions import RequestMissingPartitions
from crm.campaigns.usecases.resume import Resume
from crm.customers.customer import Customer, Totals
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt
from crm.delivery.row_changes import tallied
from crm.delivery.store.communication_log import CommunicationLog
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.delivery.store.receipts import FirestoreReceipts
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.kernel.broker import Broker as MessageBroker
from crm.kernel.errors import Unavailable
from crm.platform.firestore.client import client
from crm.platform.jitter import pause
from crm.platform.pubsub import Publisher
from devstack.broker import Broker
from tests.builders import id_of
from tests.projection import commit
from tests.support import client_of, load_function

TOPICS = ("partitions", "chunks")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYONE = {"combinator": "and", "rules": [], "all": True}


def customer(number: int, **fields: Any) -> Customer:
    """A customer who can be reached; the even ones are high spenders."""
    given: dict[str, Any] = {
        "customer_id": f"C-{number}",
        "known": True,
        "email": f"c{number}@example.com",
        "name": f"Name {number}",
        "version": 1,
        "totals": Totals(total_spend=20_000_000 if number % 2 == 0 else 0),
    }
    return Customer(**{**given, **fields})


class BrokenBroker:
    """A broker that is away."""

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        raise Unavailable("The message broker does not answer.")


class World:
    """One project with the deliver function. `now` is the time that the function believes."""

    lease = timedelta(seconds=120)
    silence = timedelta(hours=72)

    def __init__(self, project: str, module: ModuleType, push: dict[str, str]) -> None:
        self.now = NOW
        self.project = project
        self.module = module
        self.database = client(project)
        self.campaigns = Campaigns(self.database)
        self.lists = FrozenLists(self.database)
        self.frozen = FrozenAudiences(self.database)
        self.log = CommunicationLog(self.database)
        self.publisher = Publisher(project)
        self.audience = AudienceReader(self.database)
        self.push_headers = push
        self.http = client_of(module, headers=push)
        self._broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
        for topic in TOPICS:
            self._broker.create_topic(topic)
            self._broker.create_subscription(topic, {"topic": self._broker.topic_name(topic)})

    async def has(self, *customers: Customer) -> None:
        """Store customers and log them for the audience."""
        await commit(self.database, customers)

    async def drafts(self, **fields: Any) -> Campaign:
        """Store a draft to everyone."""
        given: dict[str, Any] = {
            "campaign_id": "c1",
            "name": "Spring",
            "status": "draft",
            "channel": "simulator",
            "message": Message(body="Hi {{ customer.name | default: 'there' }}"),
            "rules": EVERYONE,
            "created_at": NOW,
            "created_by": "a@example.com",
        }
        campaign = Campaign(**{**given, **fields})
        await self.campaigns.create(campaign)
        return campaign

    async def launches(
        self, name: str = "c1", due: Campaign | None = None, broker: MessageBroker | None = None
    ) -> Campaign:
        launch = Launch(
            campaigns=self.campaigns,
            lists=self.lists,
            audience=self.audience,
            requests=self._requests(broker),
            zone=UTC,
        )
        return await launch(name, self.now, due)

    async def pauses(self) -> Campaign:
        return await Pause(campaigns=self.campaigns)("c1")

    async def resumes(self, broker: MessageBroker | None = None) -> Campaign:
        requests = self._requests(broker)
        resume = Resume(
            campaigns=self.campaigns,
            chunks=self.frozen,
            requests=requests,
            request_missing_partitions=RequestMissingPartitions(lists=self.lists, requests=requests),
        )
        return await resume("c1", self.now)

    async def cancels(self, broker: MessageBroker | None = None) -> Campaign:
        cancel = Cancel(campaigns=self.campaigns, chunks=self.frozen, requests=self._requests(broker))
        return await cancel("c1")

    def _requests(self, broker: MessageBroker | None) -> DeliveryRequests:
        return DeliveryRequests(broker or self.publisher)

    async def sending(self, count: int = 5, **fields: Any) -> list[bytes]:
        """A campaign to `count` customers, frozen and on its way; the messages of its chunks."""
        await self.has(*(customer(n) for n in range(count)))
        await self.drafts(**fields)
        await self.launches()
        await self.handles("partitions")
        return self.takes("chunks")

    def takes(self, topic: str) -> list[bytes]:
        """The bodies of all messages that wait in a topic; they are gone from it."""
        return [base64.b64decode(message["data"]) for message in self._broker.take_unhandled(topic)]

    async def handles(self, topic: str) -> int:
        """Push every waiting message of a topic to the function, concurrently; how many there were."""
        bodies = self.takes(topic)
        for response in await asyncio.gather(*(self.pushes(topic, body) for body in bodies)):
            assert response.status_code == 204, response.text
        return len(bodies)

    async def pushes(self, topic: str, body: bytes) -> httpx2.Response:
        return await self.http.post(f"/events/{topic}", json=envelope(body))

    async def pushes_to(self, url: str, chunk: bytes) -> httpx2.Response:
        """Push the message of a chunk to the function in another process."""
        async with httpx2.AsyncClient(timeout=60, headers=self.push_headers) as http:
            return await http.post(f"{url}/events/chunks", json=envelope(chunk))

    async def ticks(self) -> None:
        response = await self.http.post("/events/tick")
        assert response.status_code == 204, response.text

    async def receives(self, rows: Sequence[LogRow], **fields: Any) -> None:
        """Receipts for rows, delivered unless said otherwise."""
        await self.reports([row.message_id for row in rows], **fields)

    async def reports(self, message_ids: Sequence[str], **fields: Any) -> None:
        """Receipts for messages, whether or not they have a row."""
        given: dict[str, Any] = {"status": "delivered", "occurred_at": self.now}
        receipts = [Receipt(**{**given, **fields, "message_id": name}) for name in message_ids]
        apply_receipts = ApplyReceipts(receipts=FirestoreReceipts(self.database), pause=pause)
        await apply_receipts(receipts)

    async def rows(self, name: str = "c1") -> dict[str, LogRow]:
        """The log by customer, without retried rows. Fails unless there is one row a customer."""
        found = [row for row in await self.log.of_campaign(name, 10_000) if row.status != "retried"]
        rows = {id_of(row.customer_key): row for row in found}
        assert len(rows) == len(found)
        return rows

    async def campaign(self, name: str = "c1") -> Campaign:
        return await self.campaigns.get(name)

    async def stats(self, name: str = "c1") -> dict[str, int]:
        """The figures without zeros. Fails unless they add up, are not negative and equal the rows."""
        campaign = await self.campaign(name)
        groups = (await Counters(self.database).by_group([campaign]))[name]
        rows = (await self.rows(name)).values()
        counted = {group: counts for group, counts in groups.items() if counts != Counts()}
        assert counted == tallied(rows)
        stats = Stats(audience=campaign.audience or 0, counts=groups["all"])
        figures = stats.as_json()
        assert min(figures.values()) >= 0
        assert stats.audience == stats.pending + stats.counts.rows
        return {key: value for key, value in figures.items() if value}


def envelope(body: bytes) -> dict[str, Any]:
    data = base64.b64encode(body).decode()
    return {"message": {"data": data, "messageId": "1"}, "subscription": "projects/p/subscriptions/s"}


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.fixture
async def world(
    project: str, push_headers: dict[str, str], vendor_stub: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """The world. Its vendor is the fixture `vendor_stub`."""
    module = load_function("deliver")
    made = World(project, module, push_headers)
    monkeypatch.setattr(module, "now", lambda: made.now)
    async with made.http:
        yield made


def withdrawn(number: int, **fields: Any) -> Customer:
    """The same customer, without consent."""
    return replace(customer(number), consent=False, version=2, **fields)
