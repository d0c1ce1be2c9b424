"""By collection, what makes today's code write a recorded document again."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from google.cloud.firestore import AsyncClient

from crm.access.members import Session
from crm.access.store.api_keys import ApiKeys
from crm.access.store.audit_log import FirestoreAuditLog
from crm.access.store.members import Members
from crm.access.store.webhook_secrets import WebhookSecrets
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.lease import CompactionLease
from crm.audience.usecases.compact import Compact
from crm.campaigns.campaign import Counts, Message
from crm.campaigns.store import timelines
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.channels.simulator_ledger import LedgerEntry, SimulatorLedger
from crm.customers.customer_key import customer_key
from crm.customers.packs import Kind, unpack
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.change_suppression import ChangeSuppression
from crm.customers.usecases.persist import PersistRecords
from crm.delivery.message_ids import message_id
from crm.delivery.receipts import Receipt
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.chunks import path_of
from crm.delivery.store.receipts import FirestoreReceipts
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.imports.store import FirestoreImports
from crm.migrations.store import FirestoreMigrations
from crm.platform.firestore.commits import Commit
from crm.privacy.store.erasure_queue import ErasureQueue
from crm.segments.store.erasure import SegmentErasure
from crm.segments.store.segments import Segments
from crm.summaries.store import Summaries
from crm.supervision.progress import Progress
from crm.supervision.store.counts import FirestoreCounts
from crm.supervision.store.progress import FirestoreProgress
from tests.compat.journey import ADMIN, EVERYBODY, MINUTE, NOW, ORDERS, PEOPLE
from tests.compat.readers import EARLY, LATER
from tests.support import no_pause

Rewriter = Callable[[AsyncClient], Awaitable[Any]]


async def _records(database: AsyncClient) -> None:
    """What an older version's producers send, which do not know the newer fields."""
    persist = PersistRecords(records=FirestoreRecords(database), pause=no_pause)
    kinds: tuple[tuple[Kind, Mapping[str, Any]], ...] = (("customers", PEOPLE[0]), ("orders", ORDERS[0]))
    for kind, record in kinds:
        newer = _json({**record, "updated_at": "2026-03-01T00:00:00Z"})
        await persist(unpack(b'{"kind":"%s","records":[%s]}' % (kind.encode(), newer)))
    change = ChangeSuppression(customers=FirestoreRecords(database), pause=no_pause)
    await change(customer_key("C-2"), "email", "unsubscribed")


def _json(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record).encode()


async def _campaigns(database: AsyncClient) -> None:
    campaigns = Campaigns(database)
    await campaigns.transition("c1", "pause", "marketer")
    await campaigns.update_draft("c3", message=Message(body="Another", subject="text"))


async def _chunks(database: AsyncClient) -> None:
    commit = Commit(database)
    commit.change(path_of("c1", "0000-0000"), {"state": "pending", "lease_until": None})
    await commit.send()
    leases = FirestoreChunkLeases(database)
    claim = await leases.claim("c1", "0000-0000", NOW, NOW + MINUTE)
    assert claim is not None
    await leases.release(claim, possibly_sent=False, retry_at=NOW)


async def _receipts(database: AsyncClient) -> None:
    """Rows, counters, and receipts that wait."""
    known, unknown = message_id("c1", customer_key("C-2"), 0), "0" * 32
    await ApplyReceipts(receipts=FirestoreReceipts(database), pause=no_pause)(
        [Receipt(message_id=name, status="clicked", occurred_at=NOW) for name in (known, unknown)]
    )


async def _timeline(database: AsyncClient) -> None:
    commit = Commit(database)
    timelines.add(commit, "c1", 0, Counts(accepted=1), NOW)  # reports count at the time of today
    await commit.send()


async def _supervision(database: AsyncClient) -> None:
    counts = FirestoreCounts(database)
    snapshot = await counts.snapshot(await Campaigns(database).get("c1"))
    await counts.apply_correction("c1", snapshot, {0: {"all": Counts(skipped=1)}}, NOW)
    await counts.save_recount("c1", await counts.recount("c1"))
    await FirestoreProgress(database).save("c1", Progress(pending=1, accepted=1, since=NOW))


async def _summaries(database: AsyncClient) -> None:
    summary, etag = await Summaries(database).latest("c1")
    assert summary is not None
    assert await Summaries(database).save(replace(summary, text="Anew."), etag)


async def _segments(database: AsyncClient) -> None:
    await Segments(database).update("seg1", "Another", EVERYBODY, ADMIN, NOW, None)
    await Segments(database).postpone("seg1", LATER)
    await SegmentErasure(database).erase_customers("seg1", ["C-2"])


async def _frozen_lists(database: AsyncClient) -> None:
    lists = FrozenLists(database)
    for each in await lists.to_check(LATER, 9):
        await lists.check_later(each, LATER)


async def _imports(database: AsyncClient) -> None:
    imports = FirestoreImports(database)
    await imports.erase_customers(["C-1"])


async def _members(database: AsyncClient) -> None:
    members = Members(database)
    member = await members.find(ADMIN)
    assert member is not None
    session = Session(id="t" * 16, email=ADMIN, name="", subject=member.subject or "", version=member.version)
    await members.end_session(session, NOW)


async def _dead_letters(database: AsyncClient) -> None:
    letters = DeadLetters(database)
    (kept,) = await letters.newest(9, EARLY)
    await letters.keep_all([kept.letter])
    again = await letters.get(kept.letter_id)
    assert again is not None
    await letters.mark_replayed(again, NOW)


async def _erasure_queue(database: AsyncClient) -> None:
    queue = ErasureQueue(database)
    await queue.save_progress(await queue.due(LATER, 9), "seg1")


async def _audience_state(database: AsyncClient) -> None:
    commit = Commit(database)
    commit.change("audience_state/lease", {"until": EARLY})
    await commit.send()
    lease = CompactionLease(database)
    assert await lease.acquire()
    await lease.release()
    assert await Compact(store=FirestoreAudience(database, settled=timedelta(0)))()


async def _migrations(database: AsyncClient) -> None:
    migrations = FirestoreMigrations(database)
    progress = await migrations.progress("first")
    assert progress is not None
    await migrations.save(replace(progress, seen=6))


async def _vendor_ledger(database: AsyncClient) -> None:
    entry = LedgerEntry(message_id="0" * 32, status="accepted", reason=None, at=NOW)
    await SimulatorLedger(database).enter([entry])


REWRITERS: Final[Mapping[str, Rewriter]] = {
    "api_keys": lambda db: ApiKeys(db).note_use("00112233aabbccdd", NOW),
    "audience_state": _audience_state,
    "audit_log": lambda db: FirestoreAuditLog(db).end("e" * 32, "refused", "late"),
    "campaigns": _campaigns,
    "chunks": _chunks,
    "communication_log": _receipts,
    "counters": _receipts,
    "customers": _records,
    "dead_letters": _dead_letters,
    "erasure_queue": _erasure_queue,
    "frozen_lists": _frozen_lists,
    "imports": _imports,
    "members": _members,
    "migrations": _migrations,
    "orders": _records,
    "results": _imports,
    "segment_members": _segments,
    "segments": _segments,
    "snapshots": _segments,
    "summaries": _summaries,
    "supervision": _supervision,
    "timeline": _timeline,
    "unmatched_receipts": _receipts,
    "vendor_ledger": _vendor_ledger,
    "versions": _segments,
    "webhook_secrets": lambda db: WebhookSecrets(db).note_use("0011223344556677", NOW),
}

NEVER_REWRITTEN: Final = {
    "audience_blocks",
    "audience_log",
    "partitions",
    "parts",
    "sample",
    "used_nonces",
}
"""Collections whose documents are created and deleted, and nothing else."""
