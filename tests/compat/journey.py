"""A walk through the CRM that leaves a document in every collection and a message in every topic."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
from google.cloud.firestore import AsyncClient

from crm.access.audit_events import AuditEvent, system_event
from crm.access.field_changes import FieldChange
from crm.access.members import Member, Session
from crm.access.origins import Origin
from crm.access.store.api_keys import ApiKeys
from crm.access.store.audit_log import FirestoreAuditLog
from crm.access.store.members import Members
from crm.access.store.used_nonces import UsedNonces
from crm.access.store.webhook_secrets import WebhookSecrets
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.lease import CompactionLease
from crm.audience.store.reader import AudienceReader
from crm.audience.usecases.compact import Compact
from crm.campaigns.campaign import Campaign, Counts, Message
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.campaigns.usecases.launch import Launch
from crm.channels.simulator_ledger import LedgerEntry, SimulatorLedger
from crm.config import VendorSettings
from crm.customers.checks import check_batch
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import DeadLetter
from crm.customers.packs import Kind, unpack
from crm.customers.store.customers import Customers
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.change_suppression import ChangeSuppression
from crm.customers.usecases.ingest import Ingest
from crm.customers.usecases.keep_letters import KeepLetters
from crm.customers.usecases.persist import PersistRecords
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.receipts import Receipt
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.delivery.store.receipts import FirestoreReceipts
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.delivery.usecases.freeze_partition import FreezePartition
from crm.delivery.usecases.receive_receipts import ReceiveReceipts
from crm.delivery.usecases.start_sending import StartSending
from crm.imports.file_import import Import, Result
from crm.imports.store import FirestoreImports
from crm.migrations.migration import MigrationProgress
from crm.migrations.store import FirestoreMigrations
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from crm.sample.store import FirestoreSampleLoads
from crm.segments.segment import Segment, SegmentSnapshot
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import SegmentSnapshots
from crm.summaries.store import Summaries
from crm.summaries.summary import Summary
from crm.supervision.progress import Progress
from crm.supervision.reconciliation import Recount
from crm.supervision.store.counts import FirestoreCounts
from crm.supervision.store.progress import FirestoreProgress
from tests.privacy.memory_ledger import MemoryLedger
from tests.support import no_pause, part_of

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
ADMIN: Final = "admin@example.com"
EVERYBODY: Final = {"combinator": "and", "rules": [], "all": True}
ONE: Final = {"combinator": "and", "rules": [{"field": "customer_id", "operator": "=", "value": "C-2"}]}
SOME: Final = {"combinator": "and", "rules": [{"field": "city", "operator": "=", "value": "Leeds"}]}

PEOPLE: Final[Sequence[Mapping[str, Any]]] = (
    {
        "customer_id": "C-1",
        "email": "mira@example.com",
        "phone": "+44 20 7946 0018",
        "name": "Mira Shah",
        "city": "Leeds",
        "country": "United Kingdom",
        "birthday": "1990-05-17",
        "created_at": "2025-01-12T09:30:00Z",
        "visits": 7,
        "last_active_at": "2026-02-20T18:05:00Z",
        "tags": ["vip", "newsletter"],
        "consent": True,
        "consents": {"sms": False},
        "attributes": {"shoe_size": 38, "loyalty": "gold", "gift": True, "member_since": "2020-02-01"},
        "updated_at": "2026-02-21T08:00:00Z",
    },
    {"customer_id": "C-2", "email": "tom@example.com", "city": "Bath", "updated_at": "2026-02-21T08:00:00Z"},
    {"customer_id": "C-3", "name": "Gone", "updated_at": "2026-02-21T08:00:00Z"},
)
ORDERS: Final[Sequence[Mapping[str, Any]]] = (
    {
        "order_id": "O-1",
        "customer_id": "C-1",
        "amount": 49.9,
        "currency": "GBP",
        "status": "completed",
        "category": "shoes",
        "placed_at": "2026-02-20T18:05:00Z",
        "updated_at": "2026-02-20T18:05:00Z",
    },
    {
        "order_id": "O-2",
        "customer_id": "C-1",
        "amount": -10,
        "placed_at": "2026-02-22T18:05:00Z",
        "updated_at": "2026-02-22T18:05:00Z",
    },
)


class Recorder:
    """A broker that keeps what is published."""

    def __init__(self) -> None:
        self.published: dict[str, list[bytes]] = defaultdict(list)

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        self.published[topic] += messages


async def walk(database: AsyncClient) -> Mapping[str, Sequence[bytes]]:
    """Fill the database; the messages by topic."""
    broker = Recorder()
    await _customers(database, broker, "customers", PEOPLE)
    await _customers(database, broker, "orders", ORDERS)
    await _access(database)
    await _audience(database, broker)
    await _segments(database)
    await _campaigns(database, broker)
    await _around(database)
    settings = VendorSettings(
        project="p",
        webhook_url="https://crm.example.com",
        webhook_secret="whsec_" + "a" * 32,
        vendor_key="k" * 20,
    )
    sent = [(message_id("c1", customer_key("C-1"), 0), NOW)]
    await broker.publish("vendor-callbacks", part_of("vendor", "vendor_sim.callbacks").packed(settings, sent))
    await broker.publish("dead-letters", broker.published["records"][:1])
    return broker.published


async def _customers(
    database: AsyncClient, broker: Recorder, kind: Kind, records: Sequence[Mapping[str, Any]]
) -> None:
    checked = check_batch(kind, json.dumps({"records": records}).encode(), NOW)
    before = len(broker.published["records"])
    await Ingest(broker=broker)(checked.records)
    persist = PersistRecords(records=FirestoreRecords(database), pause=no_pause)
    for message in broker.published["records"][before:]:
        await persist(unpack(message))


async def _audience(database: AsyncClient, broker: Recorder) -> None:
    """Blocks, then a log after them, with a suppression and an erasure; and a compactor that is at work."""
    assert await Compact(store=FirestoreAudience(database, settled=timedelta(0)))()
    await ChangeSuppression(customers=FirestoreRecords(database), pause=no_pause)(
        customer_key("C-1"), "sms", "by_hand"
    )
    later = {**PEOPLE[1], "city": "York", "updated_at": "2026-02-25T08:00:00Z"}
    await _customers(database, broker, "customers", [later])
    erase = EraseCustomer(store=FirestoreCustomerData(database), ledger=MemoryLedger())
    await erase(customer_key("C-3"), NOW)
    lease = CompactionLease(database)
    assert await lease.acquire()
    assert lease._renewal is not None
    lease._renewal.cancel()
    with suppress(asyncio.CancelledError):
        await lease._renewal


async def _access(database: AsyncClient) -> None:
    members = Members(database)
    member = await members.add(Member(email=ADMIN, role="admin", added_by="operator", added_at=NOW))
    member = await members.bind(member, "1234567890")
    session = Session(id="s" * 16, email=ADMIN, name="Admin", subject="1234567890", version=member.version)
    await members.end_session(session, NOW)
    await ApiKeys(database).create("00112233aabbccdd", "Shop", ADMIN, NOW, ("ingest:orders",), NOW + MINUTE)
    await WebhookSecrets(database).create("0011223344556677", ADMIN, NOW)
    await UsedNonces(database).use("nonce", "s" * 16, NOW)
    log = FirestoreAuditLog(database)
    event = AuditEvent(
        event_id="e" * 32,
        at=NOW,
        by=ADMIN,
        origin=Origin(network="192.0.2.0/24", agent="Firefox on Linux"),
        action="segment.change",
        subject="seg1",
        detail="Leeds",
        changes=(FieldChange(field="name", before="Old", after="Leeds"),),
    )
    await log.begin(event)
    await log.end(event.event_id, "done", "")
    await log.begin(system_event("schedule", "campaign.miss", "c9", "Late", NOW, "nobody"))


async def _segments(database: AsyncClient) -> None:
    segments = Segments(database)
    segment = Segment(
        segment_id="seg1",
        name="One",
        rules=ONE,
        version=1,
        created_at=NOW,
        created_by=ADMIN,
        updated_at=NOW,
        updated_by=ADMIN,
    )
    await segments.create(segment, NOW + MINUTE)
    await segments.update("seg1", "Leeds", SOME, ADMIN, NOW + MINUTE, 1)
    snapshot = SegmentSnapshot(
        snapshot_id="snap1",
        segment_id="seg1",
        at=NOW,
        kind="campaign",
        matched=2,
        version=2,
        campaign_id="c1",
        by=ADMIN,
    )
    await SegmentSnapshots(database).write(snapshot, pl.Series(["C-1", "C-2"]), NOW + MINUTE, "Spring")


async def _campaigns(database: AsyncClient, broker: Recorder) -> None:
    """One that sends, one whose list is only frozen, and one that is a draft."""
    campaigns, lists, requests = Campaigns(database), FrozenLists(database), DeliveryRequests(broker)
    frozen = FrozenAudiences(database)
    for name in ("c1", "c2", "c3"):
        await campaigns.create(
            Campaign(
                campaign_id=name,
                name=f"Spring {name}",
                status="draft",
                channel="email",
                message=Message(body="Hi {{ customer.name }}", subject="Spring"),
                rules=EVERYBODY,
                created_at=NOW,
                created_by=ADMIN,
                rate=600 if name == "c1" else None,
            )
        )
    launch = Launch(
        campaigns=campaigns, lists=lists, audience=AudienceReader(database), requests=requests, zone=UTC
    )
    await launch("c1", NOW)
    await launch("c2", NOW)
    start = StartSending(campaigns=campaigns, lists=lists, frozen_audience=frozen, requests=requests)
    await FreezePartition(
        campaigns=campaigns, lists=lists, frozen_audience=frozen, start_sending=start, patience=MINUTE
    )("c1", 0, NOW)
    campaign = await campaigns.get("c1")
    if not broker.published["chunks"]:
        await requests.chunks(campaign, ["0000-0000"])
    await _sent(database, broker, campaign)


async def _sent(database: AsyncClient, broker: Recorder, campaign: Campaign) -> None:
    leases = FirestoreChunkLeases(database)
    claim = await leases.claim("c1", "0000-0000", NOW, NOW + MINUTE)
    assert claim is not None
    rows = [
        LogRow(
            message_id=message_id("c1", key, 0),
            campaign_id="c1",
            customer_key=key,
            chunk_id="0000-0000",
            shard=claim.chunk.shard,
            channel="email",
            status="accepted",
            updated_at=NOW,
            sent_at=NOW,
            cohorts=("high_spenders",),
        )
        for key in claim.chunk.customer_keys
    ]
    await leases.finish(claim, rows, NOW)
    reports = [
        Receipt(message_id=rows[0].message_id, status="opened", occurred_at=NOW + MINUTE),
        Receipt(message_id="0" * 32, status="failed", reason="mailbox full", occurred_at=NOW + MINUTE),
    ]
    await ReceiveReceipts(broker=broker)(reports)
    await ApplyReceipts(receipts=FirestoreReceipts(database), pause=no_pause)(reports)
    await FirestoreProgress(database).save("c1", Progress(pending=0, accepted=1, since=NOW))
    counts = FirestoreCounts(database)
    snapshot = await counts.snapshot(campaign)
    await counts.save_recount(
        "c1", Recount(snapshot=snapshot, began_at=NOW, after=rows[0].message_id, tally=snapshot.counters)
    )
    await counts.apply_correction("c1", snapshot, {0: {"all": Counts(skipped=1)}}, NOW)
    summary = Summary(
        campaign_id="c1",
        text="One of two was opened.",
        source="rules",
        model=None,
        made_at=NOW,
        figures={"all": {"audience": 2, "percent": {"opened": 50}}},
        note=None,
        fingerprint="f" * 32,
    )
    await Summaries(database).save(summary, None)


async def _around(database: AsyncClient) -> None:
    """Imports, dead letters, sample data, the vendor's ledger and a migration."""
    results = [
        Result(row=1, outcome="created", id="C-1", customer_id="C-1"),
        Result(row=2, outcome="invalid", reason="visits: is not a whole number", column="visits", value="x"),
    ]
    imports = FirestoreImports(database)
    known = Import(
        import_id="i1",
        kind="customers",
        dry_run=False,
        at=NOW,
        by=ADMIN,
        digest="d" * 64,
        file_name="people.csv",
        rows=2,
        problems=(results[1],),
    )
    await imports.save(await imports.begin(known))
    await imports.keep_results(known, 0, results)
    letter = DeadLetter(
        source="records",
        reason="visits: is not a whole number",
        payload=b'{"customer_id":"C-2","visits":"x"}',
        attributes={"kind": "customers"},
    )
    await KeepLetters(letters=DeadLetters(database), customers=Customers(database))([letter])
    await FirestoreSampleLoads(database).claim("sample", NOW)
    entry = LedgerEntry(
        message_id="0" * 32, status="rejected", reason="no address", at=NOW, content={"to": "", "body": "Hi"}
    )
    await SimulatorLedger(database).enter([entry])
    done = MigrationProgress(name="first", started_at=NOW, after="orders/x", seen=5, changed=2, done_at=NOW)
    await FirestoreMigrations(database).save(done)
