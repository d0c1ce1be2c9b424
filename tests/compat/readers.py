"""By collection, how today's code reads a document: through the stores, where they read one alone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
from google.cloud.firestore import AsyncClient

from crm.access.store.api_keys import ApiKeys
from crm.access.store.audit_log import FirestoreAuditLog
from crm.access.store.members import Members
from crm.access.store.used_nonces import UsedNonces
from crm.access.store.webhook_secrets import WebhookSecrets
from crm.audience.engine.blocks import unpack_block
from crm.audience.engine.tables import rows_of
from crm.audience.store.blocks import AudienceBlocks
from crm.campaigns.store import counters
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.campaigns.store.timelines import Timelines
from crm.channels.simulator_ledger import SimulatorLedger
from crm.customers.store.customers import Customers
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.orders import decode as order_of
from crm.delivery.store import chunks
from crm.delivery.store.communication_log import CommunicationLog
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.delivery.store.receipts import FirestoreReceipts
from crm.imports.store import FirestoreImports
from crm.kernel.id_lists import unpack
from crm.migrations.store import FirestoreMigrations
from crm.privacy.store.erasure_queue import ErasureQueue
from crm.sample.store import FirestoreSampleLoads
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import SegmentSnapshots
from crm.summaries.store import Summaries
from crm.supervision.store.counts import FirestoreCounts
from crm.supervision.store.progress import FirestoreProgress
from tests.compat.files import Document
from tests.compat.journey import NOW

LATER: Final = datetime(2100, 1, 1, tzinfo=UTC)
EARLY: Final = NOW - timedelta(days=1)
"""Before anything expires."""

Reader = Callable[[AsyncClient, Document], Awaitable[Any]]


def _of_fields(decode: Callable[[Mapping[str, Any]], Any]) -> Reader:
    async def read(_: AsyncClient, document: Document) -> Any:
        return decode(document.fields)

    return read


def _parts(document: Document) -> list[str]:
    return document.path.split("/")


def _name(document: Document) -> str:
    return _parts(document)[-1]


async def _supervision(database: AsyncClient, document: Document) -> Any:
    campaign_id, name = _parts(document)[1], _name(document)
    if name == "progress":
        return await FirestoreProgress(database).of_campaigns([campaign_id])
    if name == "recount":
        return await FirestoreCounts(database).recount(campaign_id)
    campaign = await Campaigns(database).get(campaign_id)
    snapshot = await FirestoreCounts(database).snapshot(campaign)
    return {"is_corrected": snapshot.etag is not None, "counters": snapshot.counters}


async def _state(database: AsyncClient, document: Document) -> Any:
    if _name(document) == "lease":
        return {"until": document.fields["until"]}
    blocks = AudienceBlocks(database)
    return {"head": await blocks.head(), "manifest": (await blocks.manifest()).row}


async def _frozen_list(database: AsyncClient, document: Document) -> Any:
    return [each for each in await FrozenLists(database).to_check(LATER, 99) if each.name == _name(document)]


async def _nonce(database: AsyncClient, document: Document) -> Any:
    return await UsedNonces(database).use("nonce", "s" * 16, NOW)  # refused to any other session


async def _block(_: AsyncClient, document: Document) -> Any:
    tables = unpack_block(document.fields["payload"])
    return {"customers": tables.customers.sort("customer_id"), "orders": tables.orders.sort("order_id")}


async def _events(database: AsyncClient, document: Document) -> Any:
    found, _ = await FirestoreAuditLog(database).newest(EARLY, 99)
    return [event for event in found if event.event_id == _name(document)]


READERS: Final[Mapping[str, Reader]] = {
    "api_keys": lambda db, doc: ApiKeys(db).find(_name(doc)),
    "audience_blocks": _block,
    "audience_log": _of_fields(lambda fields: rows_of([fields["payload"]])),
    "audience_state": _state,
    "audit_log": _events,
    "campaigns": lambda db, doc: Campaigns(db).get(_name(doc)),
    "chunks": _of_fields(lambda fields: chunks.decode("c1", "0000-0000", fields)),
    "communication_log": lambda db, doc: CommunicationLog(db).get([_name(doc)]),
    "counters": _of_fields(counters.decode),
    "customers": lambda db, doc: Customers(db).with_keys([_name(doc)]),
    "dead_letters": lambda db, doc: DeadLetters(db).get(_name(doc)),
    "erasure_queue": lambda db, _: ErasureQueue(db).due(LATER, 9),
    "frozen_lists": _frozen_list,
    "imports": lambda db, doc: FirestoreImports(db).get(_name(doc), EARLY),
    "members": lambda db, doc: Members(db).find_by_id(_name(doc)),
    "migrations": lambda db, doc: FirestoreMigrations(db).progress(_name(doc)),
    "orders": _of_fields(order_of),
    "partitions": lambda db, doc: FrozenAudiences(db).frozen(_parts(doc)[1], 1),
    "parts": lambda db, doc: FrozenLists(db).part(_parts(doc)[1], int(_name(doc))),
    "results": lambda db, doc: _results(db, doc),
    "sample": lambda db, _: FirestoreSampleLoads(db).claim("another", LATER),
    "segment_members": _of_fields(lambda fields: unpack(fields["ids"])),
    "segments": lambda db, doc: Segments(db).get(_name(doc)),
    "snapshots": lambda db, doc: _snapshot(db, doc),
    "summaries": lambda db, doc: Summaries(db).latest(_parts(doc)[1]),
    "supervision": _supervision,
    "timeline": lambda db, doc: Timelines(db).movements(_parts(doc)[1]),
    "unmatched_receipts": lambda db, doc: FirestoreReceipts(db).unmatched([_name(doc)]),
    "used_nonces": _nonce,
    "vendor_ledger": lambda db, doc: SimulatorLedger(db).get([_name(doc)]),
    "versions": lambda db, doc: Segments(db).versions(_parts(doc)[1], 9),
    "webhook_secrets": lambda db, _: WebhookSecrets(db).live_secrets(),
}


async def _results(database: AsyncClient, document: Document) -> Any:
    imports = FirestoreImports(database)
    return await imports.find_results(await imports.get(_parts(document)[1], EARLY), 0)


async def _snapshot(database: AsyncClient, document: Document) -> Any:
    snapshots, segment_id = SegmentSnapshots(database), _parts(document)[1]
    ids = await snapshots.ids(segment_id, _name(document), EARLY)
    return {"snapshot": await snapshots.get(segment_id, _name(document), EARLY), "ids": ids}


async def readable(database: AsyncClient, document: Document) -> Any:
    """What the document says, in JSON's types."""
    return _plain(await READERS[document.collection](database, document))


UNSTABLE: Final = {"etag", "UnmatchedReceipts.since"}
"""Fields that each load of the documents gives anew: their versions, and when they were created."""


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if not {each.name, f"{type(value).__name__}.{each.name}"} & UNSTABLE
        }
    if isinstance(value, pl.DataFrame):
        return [_plain(row) for row in value.to_dicts()]
    if isinstance(value, pl.Series):
        return _plain(value.to_list())
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if hasattr(value, "ToJsonString"):  # the time of a read
        return "a time"
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
