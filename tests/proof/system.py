"""All of delivery in one process: the use cases wired to stores in memory, as the functions wire them."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.campaigns.campaign import Campaign, Resolution
from crm.campaigns.usecases.cancel import Cancel
from crm.campaigns.usecases.change_rate import ChangeRate
from crm.campaigns.usecases.launch import Launch
from crm.campaigns.usecases.pause import Pause
from crm.campaigns.usecases.resume import Resume
from crm.customers.customer import Customer
from crm.customers.unsubscribe_links import UnsubscribeLinks
from crm.customers.usecases.change_suppression import ChangeSuppression
from crm.customers.usecases.persist import PersistRecords
from crm.delivery.usecases.apply_receipts import apply_receipts
from crm.delivery.usecases.dispatch import dispatch
from crm.delivery.usecases.freeze import freeze, freeze_partition
from crm.kernel.ids import document_id
from crm.privacy.usecases.erase import EraseCustomer
from crm.supervision.usecases.circuit_breaker import Circuit
from crm.supervision.usecases.resolve import ResolveMessages, request_resolution
from crm.supervision.usecases.tick import Tick
from crm.supervision.usecases.watch import Supervision
from tests.proof.ledgers import Counters, FirestoreCounts, FirestoreProgress, Receipts
from tests.proof.lists import Audiences, Lists
from tests.proof.memory import Campaigns, Chunks, Database, FirestoreResolutions, Log
from tests.proof.outside import Bag, Message, Vendor
from tests.proof.people import CustomerDataStore, People, RecordStore
from tests.proof.promises import Witness
from tests.proof.stage import worker
from tests.support import no_pause

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SILENCE = timedelta(hours=72)
MEMORY = timedelta(hours=24)

LINKS = UnsubscribeLinks("https://crm.example.com", ["a key for tests that is long enough"])

Work = Coroutine[Any, Any, Any]


class System:
    """`now` is the time that every worker gets when it starts."""

    def __init__(self) -> None:
        self.now = START
        self.db = Database()
        self.bag = Bag()
        self.people = People(self.db)
        self.vendor = Vendor(self.people, lambda: self.now, MEMORY)
        self.witness = Witness(self.db, self.vendor)
        self.db.after_commit = self.witness.look
        self.campaigns = Campaigns(self.db)
        self.lists = Lists(self.db)
        self.audiences = Audiences(self.db)
        self.receipts = Receipts(self.db, lambda: self.now)
        self.counters = Counters(self.db)
        self.circuit = Circuit(
            campaigns=self.campaigns,
            counts=self.counters,
            progress=FirestoreProgress(self.db),
            threshold=0.6,
            minimum=3,
        )

    def has(self, *documents: Customer | Campaign) -> None:
        """Store what was there before."""
        for document in documents:
            if isinstance(document, Customer):
                self.people._put(document)
            else:
                self.db.put(self.db.campaigns, document.campaign_id, document)
            self.db.committed()

    async def handle(self, message: Message) -> None:
        """What the function does with a message that is pushed to it."""
        worker().began_at = self.db.commits
        worker().now = self.now
        match message.topic, message.body:
            case "launches", {"campaign_id": name}:
                await freeze(self.campaigns, self.lists, self.audiences, self.bag, name)
            case "partitions", {"campaign_id": name, "partition": partition}:
                await freeze_partition(
                    self.campaigns,
                    self.lists,
                    self.audiences,
                    self.bag,
                    name,
                    partition,
                    self.now,
                    LEASE,
                )
            case "chunks", {"campaign_id": name, "chunk_id": chunk, "rate_version": pace}:
                await dispatch(
                    self.campaigns,
                    Chunks(self.db),
                    self.people,
                    self.vendor,
                    LINKS,
                    name,
                    chunk,
                    pace,
                    self.now,
                    LEASE,
                    MEMORY,
                    self.circuit,
                )
            case "records", records:
                await PersistRecords(records=RecordStore(self.people), pause=no_pause)(records)
            case "receipts", receipts:
                await apply_receipts(self.receipts, receipts)
            case _:
                raise AssertionError(f"nobody handles {message}")

    async def tick(self) -> None:
        run = Tick(
            campaigns=self.campaigns,
            lists=self.lists,
            frozen_audience=self.audiences,
            launch=self._launch,
            counts=self.counters,
            messages=Log(self.db),
            receipts=self.receipts,
            supervision=Supervision(
                campaigns=self.campaigns,
                book=FirestoreCounts(self.db),
                progress=FirestoreProgress(self.db),
                circuit=self.circuit,
                stall=timedelta(minutes=30),
            ),
            resolution=ResolveMessages(
                campaigns=self.campaigns,
                messages=Log(self.db),
                book=FirestoreResolutions(self.db),
                broker=self.bag,
                patience=LEASE,
            ),
            broker=self.bag,
            patience=LEASE,
            silence=SILENCE,
            grace=timedelta(minutes=30),
        )
        worker().began_at = self.db.commits
        await run(self.now)

    async def launch(self, name: str) -> None:
        worker().began_at = self.db.commits
        await self._launch(name, self.now)

    @property
    def _launch(self) -> Launch:
        return Launch(
            campaigns=self.campaigns, lists=self.lists, audience=self.people, broker=self.bag, zone=UTC
        )

    def pause(self, name: str) -> Work:
        return Pause(campaigns=self.campaigns)(name)

    def resume(self, name: str) -> Work:
        return Resume(campaigns=self.campaigns, chunks=self.audiences, broker=self.bag)(name, self.now)

    def change_rate(self, name: str, rate: int | None) -> Work:
        return ChangeRate(campaigns=self.campaigns, chunks=self.audiences, broker=self.bag)(name, rate)

    def cancel(self, name: str) -> Work:
        return Cancel(campaigns=self.campaigns, chunks=self.audiences, broker=self.bag)(name)

    def resolution(self, name: str, what: Resolution) -> Work:
        return request_resolution(self.campaigns, self.counters, name, what, self.now)

    def erase(self, customer_id: str) -> Work:
        return EraseCustomer(store=CustomerDataStore(self.people))(customer_id, self.now)

    def unsubscribe(self, customer_id: str) -> Work:
        change = ChangeSuppression(customers=RecordStore(self.people), pause=no_pause)
        return change(document_id(customer_id), "simulator", "unsubscribed")
