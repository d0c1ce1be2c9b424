"""The frozen audience: `campaigns/{id}/partitions/{nnnn}` and `campaigns/{id}/chunks/{nnnn-nnnn}`.

A chunk that is not done has `due_at`, the time from which the tick may publish it again: some time after it
was published, or the end of its lease. A chunk that is done has `done_at` instead, so one index finds each.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.campaigns.campaign import EVERYONE, Campaign, Counts
from crm.campaigns.frozen_list import FrozenPart
from crm.campaigns.store import counters, frozen_lists, timelines
from crm.delivery.freezing import Frozen
from crm.delivery.log import Chunk, LogRow
from crm.delivery.sending import Claim, Throttled, tallied
from crm.delivery.store import communication_log
from crm.kernel import errors
from crm.platform.firestore import documents
from crm.platform.firestore.get_many import fetch, plain_time
from crm.platform.google_errors import RETRY, TIMEOUT, translated

DISCARDED_AT_ONCE = 500
CLAIMS = 5
"""Tries to claim a chunk that changes meanwhile."""


class FrozenAudiences:
    """Writes partitions, and finds the chunks that still need work."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        """Put a partition's marker and chunks in place of its part of the frozen list, in one commit.

        Raises Conflict where somebody did, or where the part is gone with a campaign that was cancelled.
        """
        campaign_id = campaign.campaign_id
        commit = documents.Commit(self._client)
        commit.delete(frozen_lists.path_of(campaign.frozen_list or "", partition), part.etag)
        marker = {"recipients": sum(len(chunk.customer_ids) for chunk in chunks), "chunks": len(chunks)}
        commit.create(f"campaigns/{campaign_id}/partitions/{partition:04d}", marker)
        for chunk in chunks:
            commit.create(path_of(campaign_id, chunk.chunk_id), encode(chunk, due_at))
        try:
            await commit.send()
        except (AlreadyExists, FailedPrecondition, NotFound) as error:
            raise errors.Conflict("This part of the audience is frozen already.") from error

    async def frozen(self, campaign_id: str, partitions: int) -> dict[int, Frozen]:
        """The markers that exist, by partition."""
        names = [f"campaigns/{campaign_id}/partitions/{n:04d}" for n in range(partitions)]
        found = await fetch(self._client, names)
        return {int(s.id): Frozen(partition=int(s.id), **(s.to_dict() or {})) for s in found}

    async def discard(self, campaign_id: str) -> None:
        """Delete the chunks and markers of a campaign whose list is gone. Harmless to repeat."""
        for collection in (self._chunks(campaign_id), self._partitions(campaign_id)):
            while names := await self._ids(collection.limit(DISCARDED_AT_ONCE)):
                commit = documents.Commit(self._client)
                for name in names:
                    commit.delete(f"campaigns/{campaign_id}/{collection.id}/{name}")
                await commit.send()

    async def pending(self, campaign_id: str) -> list[str]:
        """The ids of all chunks that are not done."""
        return await self._ids(self._chunks(campaign_id).where(filter=FieldFilter("state", "==", "pending")))

    async def due(self, campaign_id: str, now: datetime, limit: int) -> list[str]:
        """The ids of up to `limit` chunks that are not done and due, the longest waiting first."""
        chunks = self._chunks(campaign_id)
        return await self._ids(
            chunks.where(filter=FieldFilter("due_at", "<=", now)).order_by("due_at").limit(limit)
        )

    async def postpone(
        self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime
    ) -> None:
        """Set `due_at` of those that are still due, so that concurrent ticks do not publish them again."""
        snapshots = await fetch(self._client, [path_of(campaign_id, chunk_id) for chunk_id in chunk_ids])

        async def move(snapshot: Any) -> None:
            due_at = (snapshot.to_dict() or {}).get("due_at")
            if due_at is None or due_at > now:
                return
            option = self._client.write_option(last_update_time=snapshot.update_time)
            async with translated("The database"):
                try:
                    await snapshot.reference.update(
                        {"due_at": until}, option=option, retry=RETRY, timeout=TIMEOUT
                    )
                except FailedPrecondition:
                    return  # somebody works on it

        await asyncio.gather(*map(move, snapshots))

    async def last_done(self, campaign_id: str) -> datetime | None:
        """When the chunk that was done last was done."""
        query = self._chunks(campaign_id).order_by("done_at", direction=AsyncQuery.DESCENDING).limit(1)
        async with translated("The database"):
            async for snapshot in query.select(["done_at"]).stream(retry=RETRY, timeout=TIMEOUT):
                return plain_time((snapshot.to_dict() or {})["done_at"])
        return None

    def _chunks(self, campaign_id: str) -> Any:
        return self._client.collection("campaigns").document(campaign_id).collection("chunks")

    def _partitions(self, campaign_id: str) -> Any:
        return self._client.collection("campaigns").document(campaign_id).collection("partitions")

    async def _ids(self, query: AsyncQuery) -> list[str]:
        async with translated("The database"):
            return [snapshot.id async for snapshot in query.select([]).stream(retry=RETRY, timeout=TIMEOUT)]


class Chunks:
    """Claims chunks under a lease, and finishes them together with their rows."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        """The chunk, leased until `until`; None where it is done or another worker holds it.

        Raises Throttled while the chunk rests because the vendor asked to wait, NotFound for no such chunk,
        Unavailable where it changed at every try.
        """
        reference = self._client.document(path_of(campaign_id, chunk_id))
        for _ in range(CLAIMS):
            async with translated("The database"):
                snapshot = await reference.get(retry=RETRY, timeout=TIMEOUT)
            if not snapshot.exists:
                raise errors.NotFound("There is no such chunk.")
            chunk = decode(campaign_id, chunk_id, snapshot.to_dict() or {})
            if chunk.state == "done" or (chunk.lease_until is not None and chunk.lease_until > now):
                return None
            if chunk.retry_at is not None and chunk.retry_at > now:
                wait = int((chunk.retry_at - now).total_seconds()) + 1
                raise Throttled("The vendor asked to wait.", retry_after=wait)
            # In doubt from now on: whoever is killed cannot say how far it came.
            held = {
                "lease_until": until,
                "due_at": until,
                "retry_at": None,
                "possibly_sent": True,
                "possibly_sent_at": chunk.possibly_sent_at or now,
                "attempts": chunk.attempts + 1,
            }
            async with translated("The database"):
                try:
                    result = await reference.update(
                        held,
                        option=self._client.write_option(last_update_time=snapshot.update_time),
                        retry=RETRY,
                        timeout=TIMEOUT,
                    )
                except FailedPrecondition:
                    continue  # another worker has it, or the tick that published it has just postponed it
            return Claim(chunk=chunk, etag=result.update_time.timestamp_pb())
        raise errors.Unavailable("The chunk changes all the time.")

    async def release(self, claim: Claim, *, possibly_sent: bool, retry_at: datetime | None) -> None:
        """Give the chunk back: free at once or after its rest. Raises Conflict where the lease was lost.

        Whoever releases fails its message, so it comes again by itself; if not, the tick publishes it.
        """
        free = {"lease_until": None, "retry_at": retry_at, "possibly_sent": possibly_sent}
        if not possibly_sent:
            free["possibly_sent_at"] = None
        if retry_at is not None:
            free["due_at"] = retry_at
        await self._commit(claim, free)

    async def finish(self, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        """In one commit: create the rows, add them to the counters, and mark the chunk done.

        Raises Conflict where the lease was lost; then nothing is written.
        """
        over = {"lease_until": None, "due_at": None, "possibly_sent": False, "possibly_sent_at": None}
        done = {**over, "state": "done", "done_at": now}
        await self._commit(claim, done, rows, now)

    async def _commit(
        self, claim: Claim, fields: Mapping[str, Any], rows: Sequence[LogRow] = (), at: datetime | None = None
    ) -> None:
        chunk = claim.chunk
        commit = documents.Commit(self._client)
        commit.update(path_of(chunk.campaign_id, chunk.chunk_id), fields, claim.etag)
        for row in rows:
            commit.create(f"{communication_log.COLLECTION}/{row.message_id}", communication_log.encode(row))
        if at is not None:
            batch = self._client.batch()
            moved = tallied(rows)
            counters.add(self._client, batch, chunk.campaign_id, chunk.shard, moved)
            moved_by_all = moved.get(EVERYONE, Counts())
            timelines.add(self._client, batch, chunk.campaign_id, chunk.shard, moved_by_all, at)
            commit.add(batch)
        try:
            await commit.send()
        except (AlreadyExists, FailedPrecondition, NotFound) as error:
            raise errors.Conflict("Another worker has taken over this chunk.") from error


def path_of(campaign_id: str, chunk_id: str) -> str:
    """Where a chunk is."""
    return f"campaigns/{campaign_id}/chunks/{chunk_id}"


def encode(chunk: Chunk, due_at: datetime) -> dict[str, Any]:
    """The document of a new chunk."""
    return {
        # As text: Firestore would index each of 500 ids.
        "customer_ids": json.dumps(chunk.customer_ids, separators=(",", ":")),
        "shard": chunk.shard,
        "state": chunk.state,
        "retry_round": chunk.retry_round,
        "attempts": chunk.attempts,
        "due_at": due_at,
    }


def decode(campaign_id: str, chunk_id: str, document: Mapping[str, Any]) -> Chunk:
    """The chunk of a document."""
    return Chunk(
        campaign_id=campaign_id,
        chunk_id=chunk_id,
        customer_ids=tuple(json.loads(document["customer_ids"])),
        shard=document["shard"],
        retry_round=document.get("retry_round", 0),
        state=document["state"],
        lease_until=plain_time(document.get("lease_until")),
        retry_at=plain_time(document.get("retry_at")),
        possibly_sent=document.get("possibly_sent", False),
        possibly_sent_at=plain_time(document.get("possibly_sent_at")),
        attempts=document["attempts"],
    )
