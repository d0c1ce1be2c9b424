"""What watches over a campaign: `campaigns/{id}/supervision/corrected`, `…/progress` and `…/recount`.

`corrected` is written by every correction of the counters, under the version that was read together with
them: so two corrections that were made from the same reading cannot both be applied.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, FieldFilter, Increment

from crm.campaigns.campaign import EVERYONE, ROW_STATUSES, Campaign, Counts, RowStatus
from crm.campaigns.store import counters, timelines
from crm.delivery.log import Chunk, LogRow
from crm.delivery.store import communication_log
from crm.delivery.store.chunks import decode
from crm.kernel.errors import Conflict
from crm.platform.firestore.get_many import fetch, plain_time
from crm.platform.google_errors import RETRY, TIMEOUT, translated
from crm.supervision.reconciliation import CounterSnapshot, Progress, Recount, Tally, drift
from crm.supervision.store import recounts

PAGE = 5_000
"""Rows of one read; some two megabytes."""

SLICE = 500_000
"""Rows of one aggregation."""

COUNTING = 60.0
"""Seconds that an aggregation may take: the database itself gives up then. The emulator, which has no index,
looks through all rows of all campaigns."""

CHUNKS = 50
"""Chunks of one read."""


class FirestoreCounts:
    """The `CountStore` of one database. Rows and counters are read at the same read time."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def moment(self, campaign: Campaign) -> CounterSnapshot:
        """The counters, and the time that they were read at."""
        corrected = self._healed(campaign.campaign_id)
        shards = [
            counters.shard_document(self._client, campaign.campaign_id, n) for n in range(campaign.shards)
        ]
        found: dict[int, dict[str, Counts]] = {}
        at = etag = None
        async with translated("The database"):
            async for snapshot in self._client.get_all([corrected, *shards], retry=RETRY, timeout=TIMEOUT):
                at = snapshot.read_time
                if not snapshot.exists:
                    continue
                if snapshot.reference == corrected:
                    etag = snapshot.update_time
                else:
                    groups = (snapshot.to_dict() or {}).items()
                    found[int(snapshot.id)] = {group: Counts(**counts) for group, counts in groups}
        return CounterSnapshot(counters=found, at=at, etag=etag)

    async def counted(self, campaign_id: str, moment: CounterSnapshot) -> dict[RowStatus, int]:
        """One aggregation a status and slice of the ids: a thousandth of what reading the rows costs.

        One status after the other: all at once keep the emulator from answering any of them in time.
        """
        expected = sum(getattr(moment.total, status) for status in ROW_STATUSES)
        slices = sliced(1 + max(0, expected) // SLICE)
        found: dict[RowStatus, int] = {}
        for status in ROW_STATUSES:
            rows = self._rows(campaign_id).where(filter=FieldFilter("status", "==", status))
            counts = await asyncio.gather(*(self._count(rows, *ends, moment) for ends in slices))
            found[status] = sum(counts)
        return found

    async def rows(self, campaign_id: str, moment: CounterSnapshot, after: str | None = None) -> list[LogRow]:
        """A page of rows."""
        query = self._rows(campaign_id).order_by("__name__").limit(PAGE)
        if after is not None:
            last = self._client.collection(communication_log.COLLECTION).document(after)
            query = query.start_after({"__name__": last})
        async with translated("The database"):
            stream = query.stream(read_time=moment.at, retry=RETRY, timeout=TIMEOUT)
            return [communication_log.decode(snapshot.to_dict() or {}) async for snapshot in stream]

    async def waiting(
        self, campaign_id: str, moment: CounterSnapshot, after: str | None = None
    ) -> list[Chunk]:
        """A page of chunks that are not done."""
        chunks: Any = self._client.collection(f"campaigns/{campaign_id}/chunks")
        query = chunks.where(filter=FieldFilter("state", "==", "pending")).order_by("__name__").limit(CHUNKS)
        if after is not None:
            query = query.start_after({"__name__": chunks.document(after)})
        async with translated("The database"):
            stream = query.stream(read_time=moment.at, retry=RETRY, timeout=TIMEOUT)
            return [decode(campaign_id, found.id, found.to_dict() or {}) async for found in stream]

    async def apply_correction(
        self, campaign_id: str, moment: CounterSnapshot, lacking: Tally, now: datetime
    ) -> None:
        """In one commit: correct the counters, and write the mark that keeps others from doing it again."""
        batch = self._client.batch()
        for shard, movements in lacking.items():
            counters.add(self._client, batch, campaign_id, shard, movements)
            timelines.add(self._client, batch, campaign_id, shard, movements.get(EVERYONE, Counts()), now)
        # Counted: a write that changes nothing would leave the version as it is.
        mark = {"at": now, "drift": drift(lacking), "times": Increment(1)}
        if moment.etag is None:
            batch.create(self._healed(campaign_id), mark)
        else:
            option = self._client.write_option(last_update_time=moment.etag)
            batch.update(self._healed(campaign_id), mark, option=option)
        async with translated("The database"):
            try:
                await batch.commit(retry=RETRY, timeout=TIMEOUT)
            except (AlreadyExists, FailedPrecondition, NotFound) as error:
                raise Conflict("The counters were corrected meanwhile.") from error

    async def recount_of(self, campaign_id: str) -> Recount | None:
        """The counting that is under way. Raises Unavailable."""
        return await recounts.read(self._client, campaign_id)

    async def keep_recount(self, campaign_id: str, recount: Recount | None) -> None:
        """Remember how far a counting came. Raises Unavailable."""
        await recounts.keep(self._client, campaign_id, recount)

    async def _count(self, rows: Any, first: str | None, end: str | None, moment: CounterSnapshot) -> int:
        """How many of `rows` have an id from `first` on and before `end`."""
        for operator, edge in ((">=", first), ("<", end)):
            if edge is not None:
                name = self._client.collection(communication_log.COLLECTION).document(edge)
                rows = rows.where(filter=FieldFilter("__name__", operator, name))
        async with translated("The database"):
            ((found,),) = await rows.count().get(read_time=moment.at, retry=RETRY, timeout=COUNTING)
        return int(found.value)

    def _healed(self, campaign_id: str) -> Any:
        return self._client.document(f"campaigns/{campaign_id}/supervision/corrected")

    def _rows(self, campaign_id: str) -> Any:
        return self._client.collection(communication_log.COLLECTION).where(
            filter=FieldFilter("campaign_id", "==", campaign_id)
        )


def sliced(count: int) -> list[tuple[str | None, str | None]]:
    """The ids of messages in `count` parts, each with where it begins and where the next one does.

    Ids are hashes in hexadecimal, so the parts hold about as many rows.
    """
    edges = [None, *(f"{number * 2**32 // count:08x}" for number in range(1, count)), None]
    return list(pairwise(edges))


class FirestoreProgress:
    """The `ProgressStore` of one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def read(self, campaign_ids: Sequence[str]) -> Mapping[str, Progress]:
        """One document a campaign."""
        found = await fetch(self._client, [_progress(name) for name in campaign_ids])
        return {s.reference.parent.parent.id: _decoded(s.to_dict() or {}) for s in found}

    async def write(self, campaign_id: str, progress: Progress) -> None:
        """The last writer wins: nothing but an alarm hangs on it."""
        async with translated("The database"):
            await self._client.document(_progress(campaign_id)).set(
                asdict(progress), retry=RETRY, timeout=TIMEOUT
            )


def _progress(campaign_id: str) -> str:
    return f"campaigns/{campaign_id}/supervision/progress"


def _decoded(fields: Mapping[str, Any]) -> Progress:
    times = {name: plain_time(value) for name, value in fields.items() if isinstance(value, datetime)}
    return Progress(**{**fields, **times})
