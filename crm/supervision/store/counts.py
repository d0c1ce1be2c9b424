"""Counters and rows as of one read time, and corrections: `campaigns/{id}/supervision/corrected`.

Every correction of the counters writes `corrected`, under the etag that was read together with them: of two
corrections made from one snapshot one is applied.
"""

import asyncio
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.campaigns.campaign import EVERYONE, ROW_STATUSES, Campaign, Counts, RowStatus
from crm.campaigns.store import counters, timelines
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow
from crm.delivery.store import chunks as chunk_documents
from crm.delivery.store import communication_log
from crm.kernel.errors import Conflict
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.supervision.reconciliation import CounterSnapshot, Recount, Tally, drift
from crm.supervision.store import recounts

ROWS_PER_PAGE = 5_000
"""About two megabytes."""

CHUNKS_PER_PAGE = 50

ROWS_PER_AGGREGATION = 500_000

AGGREGATION_TIMEOUT = 60.0
"""Seconds after which the database gives up. The emulator has no index and scans all campaigns' rows."""


class FirestoreCounts:
    """`crm.supervision.ports.CountStore` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def snapshot(self, campaign: Campaign) -> CounterSnapshot:
        """The counters as they are now, with their read time."""
        corrected = _corrected_path(campaign.campaign_id)
        shards = {_shard_path(campaign.campaign_id, number): number for number in range(campaign.shards)}
        found = await documents.get_snapshot(self._client, [corrected, *shards])
        counted = {
            number: counters.decode(found.documents[path].fields)
            for path, number in shards.items()
            if path in found.documents
        }
        etag = found.documents[corrected].etag if corrected in found.documents else None
        return CounterSnapshot(counters=counted, at=found.read_time, etag=etag)

    async def row_counts(self, campaign_id: str, snapshot: CounterSnapshot) -> dict[RowStatus, int]:
        """One aggregation for each status and slice of the ids: a thousandth of the price of the rows.

        One status after the other: the emulator does not answer all of them concurrently in time.
        """
        expected = sum(getattr(snapshot.total, status) for status in ROW_STATUSES)
        slices = sliced(1 + max(0, expected) // ROWS_PER_AGGREGATION)
        found: dict[RowStatus, int] = {}
        for status in ROW_STATUSES:
            rows = self._rows(campaign_id).where(filter=FieldFilter("status", "==", status))
            counts = await asyncio.gather(*(self._count(rows, *ends, snapshot) for ends in slices))
            found[status] = sum(counts)
        return found

    async def rows(
        self, campaign_id: str, snapshot: CounterSnapshot, after: str | None = None
    ) -> list[LogRow]:
        """The next page of rows by message id as of the snapshot; empty after the last."""
        query = self._rows(campaign_id).order_by("__name__").limit(ROWS_PER_PAGE)
        if after is not None:
            last = self._client.collection(communication_log.COLLECTION).document(after)
            query = query.start_after({"__name__": last})
        found = await documents.query(self._client, query, read_time=snapshot.at)
        return [communication_log.decode(stored.fields) for stored in found.documents.values()]

    async def pending_chunks(
        self, campaign_id: str, snapshot: CounterSnapshot, after: str | None = None
    ) -> list[Chunk]:
        """The next page of pending chunks by id as of the snapshot; empty after the last."""
        chunks: Any = self._client.collection(f"campaigns/{campaign_id}/{chunk_documents.COLLECTION}")
        query = chunks.where(filter=FieldFilter("state", "==", "pending")).order_by("__name__")
        if after is not None:
            query = query.start_after({"__name__": chunks.document(after)})
        found = await documents.query(self._client, query.limit(CHUNKS_PER_PAGE), read_time=snapshot.at)
        return [
            chunk_documents.decode(campaign_id, chunk_id, stored.fields)
            for chunk_id, stored in found.documents.items()
        ]

    async def apply_correction(
        self, campaign_id: str, snapshot: CounterSnapshot, missing: Tally, now: datetime
    ) -> None:
        """In one commit: correct the counters, and write `corrected` under the version of the snapshot.

        Raises Conflict where they were corrected since.
        """
        commit = Commit(self._client)
        for shard, groups in missing.items():
            counters.add(commit, campaign_id, shard, groups)
            timelines.add(commit, campaign_id, shard, groups.get(EVERYONE, Counts()), now)
        # The random id makes every write a change: one that changes nothing would leave the etag as it is.
        path, corrected = (
            _corrected_path(campaign_id),
            {"at": now, "drift": drift(missing), "id": uuid4().hex},
        )
        if snapshot.etag is None:
            commit.create(path, corrected)
        else:
            commit.update(path, corrected, snapshot.etag)
        try:
            await commit.send()
        except (AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict("The counters were corrected meanwhile.") from error

    async def recount(self, campaign_id: str) -> Recount | None:
        """The recount that is under way."""
        return await recounts.load(self._client, campaign_id)

    async def save_recount(self, campaign_id: str, recount: Recount | None) -> None:
        """Store how far a recount came, or with None that none is under way."""
        await recounts.save(self._client, campaign_id, recount)

    async def _count(self, rows: Any, first: str | None, end: str | None, snapshot: CounterSnapshot) -> int:
        """How many of `rows` have an id from `first` on and before `end`."""
        for operator, edge in ((">=", first), ("<", end)):
            if edge is not None:
                name = self._client.collection(communication_log.COLLECTION).document(edge)
                rows = rows.where(filter=FieldFilter("__name__", operator, name))
        return await documents.count(self._client, rows, AGGREGATION_TIMEOUT, snapshot.at)

    def _rows(self, campaign_id: str) -> Any:
        return self._client.collection(communication_log.COLLECTION).where(
            filter=FieldFilter("campaign_id", "==", campaign_id)
        )


def _corrected_path(campaign_id: str) -> str:
    return f"campaigns/{campaign_id}/supervision/corrected"


def _shard_path(campaign_id: str, number: int) -> str:
    return f"campaigns/{campaign_id}/counters/{number}"


def sliced(count: int) -> list[tuple[str | None, str | None]]:
    """The message ids in `count` slices: where each begins and where the next one does.

    Ids are hashes in hexadecimal, so the slices hold about equally many rows.
    """
    edges = [None, *(f"{number * 2**32 // count:08x}" for number in range(1, count)), None]
    return list(pairwise(edges))
