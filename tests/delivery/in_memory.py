"""Campaigns in memory, for tests of use cases: the same steps as `campaign_stores.World`, without emulators.

Stores are those of the proof. Off its stage each of their calls lets concurrent ones run.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from crm.access.audit_events import AuditEvent
from crm.campaigns.campaign import Campaign, Counts, Message, Resolution, Stats
from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from crm.customers.customer import Customer
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt
from crm.delivery.row_changes import tallied
from tests.builders import id_of
from tests.delivery.campaign_stores import EVERYONE, NOW, customer
from tests.proof.memory import Database
from tests.proof.outside import Bag
from tests.proof.people import People
from tests.proof.wiring import LEASE, SILENCE, Wiring


class InMemoryVendor:
    """Takes each message id once, and does wrong what a test asks for.

    `calls` are the batches as they came, `ledger` the messages taken. `rejects` maps addresses to reasons;
    with an address of `chokes_on` in it a whole batch is refused; ids in `leaves_out` are missing in the
    answer. `failures` are raised before anything is taken, one a call; None lets the call pass. While
    `loses_answers`, a batch is taken and the answer lost.
    """

    def __init__(self) -> None:
        self.calls: list[list[Outgoing]] = []
        self.ledger: dict[str, Outgoing] = {}
        self.rejects: dict[str, str] = {}
        self.chokes_on: set[str] = set()
        self.leaves_out: set[str] = set()
        self.failures: list[Exception | None] = []
        self.loses_answers = False

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        self.calls.append(list(messages))
        await asyncio.sleep(0)
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        if any(message.to in self.chokes_on for message in messages):
            raise VendorRefused("The vendor refused the batch with status 422.")
        results = {message.message_id: self._take(message) for message in messages}
        if self.loses_answers:
            raise VendorAway("The vendor did not answer in time.", nothing_taken=False)
        return {name: result for name, result in results.items() if name not in self.leaves_out}

    def _take(self, message: Outgoing) -> SendResult:
        if message.to in self.rejects:
            return SendResult(status="rejected", reason=self.rejects[message.to])
        self.ledger.setdefault(message.message_id, message)
        return SendResult(status="accepted")


class InMemoryWorld:
    """One database with all use cases of delivery. `now` is the time that each of them gets."""

    lease = LEASE
    silence = SILENCE

    def __init__(self) -> None:
        self.now = NOW
        self.db = Database()
        self.bag = Bag()
        self.people = People(self.db)
        self.vendor = InMemoryVendor()
        self.wired = Wiring(
            self.db,
            self.people,
            self.bag,
            self.vendor,
            lambda: self.now,
            threshold=0.5,
            minimum=20,
            grace=timedelta(hours=1),
        )

    def has(self, *customers: Customer) -> None:
        """Store customers."""
        for each in customers:
            self.people.put(each)
        self.db.committed()

    def drafts(self, **fields: Any) -> Campaign:
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
        self.db.put(self.db.campaigns, campaign.campaign_id, campaign)
        self.db.committed()
        return campaign

    async def launches(self, name: str = "c1", due: Campaign | None = None) -> Campaign:
        return await self.wired.launch(name, self.now, due)

    async def pauses(self) -> Campaign:
        return await self.wired.pause("c1")

    async def resumes(self) -> Campaign:
        return await self.wired.resume("c1", self.now)

    async def cancels(self) -> Campaign:
        return await self.wired.cancel("c1")

    async def resolves(self, resolution: Resolution = "retry_failed") -> Campaign:
        """Request a resolution."""
        return await self.wired.request_resolution("c1", resolution, self.now)

    async def sending(self, count: int = 5, **fields: Any) -> list[dict[str, Any]]:
        """A campaign to `count` customers, frozen and on its way; the messages of its chunks."""
        self.has(*(customer(n) for n in range(count)))
        self.drafts(**fields)
        await self.launches()
        await self.handles("partitions")
        return self.takes("chunks")

    def takes(self, topic: str) -> list[dict[str, Any]]:
        """The bodies of all messages of a topic; they are gone from it."""
        found = [message for message in self.bag.messages if message.topic == topic]
        for message in found:
            self.bag.acknowledge(message)
        return [message.body for message in found]

    async def handles(self, topic: str) -> int:
        """Handle every message of a topic concurrently; how many there were."""
        bodies = self.takes(topic)
        await asyncio.gather(*(self.pushes(topic, body) for body in bodies))
        return len(bodies)

    async def pushes(self, topic: str, body: Mapping[str, Any]) -> None:
        """Handle one message. Raises what the use case raises."""
        if topic == "partitions":
            await self.wired.freeze_partition(**body, now=self.now)
        else:
            await self.wired.dispatch(**body, now=self.now)

    async def ticks(self, times: int = 1) -> None:
        """Concurrent ticks."""
        await asyncio.gather(*(self.wired.tick(self.now) for _ in range(times)))

    async def receives(self, rows: Sequence[LogRow], **fields: Any) -> None:
        """Receipts for rows, delivered unless said otherwise."""
        await self.reports([row.message_id for row in rows], **fields)

    async def reports(self, message_ids: Sequence[str], **fields: Any) -> None:
        """Receipts for messages, whether or not they have a row."""
        given: dict[str, Any] = {"status": "delivered", "occurred_at": self.now}
        receipts = [Receipt(**{**given, **fields, "message_id": name}) for name in message_ids]
        await self.wired.apply_receipts(receipts)

    def rows(self, name: str = "c1") -> dict[str, LogRow]:
        """The rows by customer, without those that were retried. One row a customer, or this fails."""
        found = [
            row for row in self.db.rows.values_of() if row.campaign_id == name and row.status != "retried"
        ]
        rows = {id_of(row.customer_key): row for row in found}
        assert len(rows) == len(found)
        return rows

    def campaign(self, name: str = "c1") -> Campaign:
        return self.db.campaigns[name].value

    def needs_tick(self) -> list[str]:
        """The ids of the campaigns that the tick looks at."""
        return [campaign.campaign_id for campaign in self.wired.campaigns.on_watch()]

    def events(self) -> list[AuditEvent]:
        """The audit events of all commits."""
        return self.db.events

    def corrupts(self, group: str = "all", **by: int) -> None:
        """Change the counters without any row, as no commit does."""
        self.db.count("c1", 0, {group: Counts(**by)})

    def stats(self, name: str = "c1") -> dict[str, int]:
        """The figures without zeros. Fails unless they add up, are not negative and equal the rows."""
        campaign = self.campaign(name)
        groups: dict[str, Counts] = {}
        for shard in self.db.counters.get(name, {}).values():
            for group, counts in shard.items():
                groups[group] = groups.get(group, Counts()) + counts
        counted = {group: counts for group, counts in groups.items() if counts != Counts()}
        assert counted == tallied(self.rows(name).values())
        stats = Stats(audience=campaign.audience or 0, counts=groups.get("all", Counts()))
        figures = stats.as_json()
        assert min(figures.values()) >= 0
        assert stats.audience == stats.pending + stats.counts.rows
        return {key: value for key, value in figures.items() if value}


@pytest.fixture
def world() -> InMemoryWorld:
    """An empty world in memory, in place of the one on emulators: import it in a conftest."""
    return InMemoryWorld()
