"""All of delivery in one process: messages go to the use cases as the functions hand them over."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.campaigns.campaign import Campaign, Resolution
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.customers.usecases.change_suppression import ChangeSuppression
from crm.customers.usecases.persist import PersistRecords
from crm.privacy.usecases.erase import EraseCustomer
from tests.privacy.memory_ledger import MemoryLedger
from tests.proof.memory import Database
from tests.proof.outside import Bag, Message, Vendor
from tests.proof.people import CustomerDataStore, People, RecordStore
from tests.proof.promises import Witness
from tests.proof.stage import worker
from tests.proof.wiring import MEMORY, Wiring
from tests.support import no_pause

START = datetime(2026, 3, 1, 12, tzinfo=UTC)

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
        self.wired = Wiring(
            self.db,
            self.people,
            self.bag,
            self.vendor,
            lambda: self.now,
            threshold=0.6,
            minimum=3,
            grace=timedelta(minutes=30),
        )

    def has(self, *documents: Customer | Campaign) -> None:
        """Store what was there before."""
        for document in documents:
            if isinstance(document, Customer):
                self.people.put(document)
            else:
                self.db.put(self.db.campaigns, document.campaign_id, document)
            self.db.committed()

    async def handle(self, message: Message) -> None:
        """What the function does with a message that is pushed to it."""
        worker().began_at = self.db.commits
        worker().now = self.now
        match message.topic, message.body:
            case "partitions", {"campaign_id": name, "partition": partition}:
                await self.wired.freeze_partition(name, partition, self.now)
            case "chunks", {"campaign_id": name, "chunk_id": chunk, "rate_version": rate_version}:
                await self.wired.dispatch(name, chunk, rate_version, self.now)
            case "records", records:
                await PersistRecords(records=RecordStore(self.people), pause=no_pause)(records)
            case "receipts", receipts:
                await self.wired.apply_receipts(receipts)
            case _:
                raise AssertionError(f"nobody handles {message}")

    async def tick(self) -> None:
        worker().began_at = self.db.commits
        await self.wired.tick(self.now)

    async def launch(self, name: str) -> None:
        worker().began_at = self.db.commits
        await self.wired.launch(name, self.now)

    def pause(self, name: str) -> Work:
        return self.wired.pause(name)

    def resume(self, name: str) -> Work:
        return self.wired.resume(name, self.now)

    def change_rate(self, name: str, rate: int | None) -> Work:
        return self.wired.change_rate(name, rate)

    def cancel(self, name: str) -> Work:
        return self.wired.cancel(name)

    def resolution(self, name: str, what: Resolution) -> Work:
        return self.wired.request_resolution(name, what, self.now)

    def erase(self, customer_id: str) -> Work:
        erase = EraseCustomer(store=CustomerDataStore(self.people), ledger=MemoryLedger())
        return erase(customer_key(customer_id), self.now)

    def unsubscribe(self, customer_id: str) -> Work:
        change = ChangeSuppression(customers=RecordStore(self.people), pause=no_pause)
        return change(customer_key(customer_id), "simulator", "unsubscribed")
