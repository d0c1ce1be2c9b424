"""Leases of chunks: claimed by one worker, then released, or finished together with their rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import EVERYONE, Counts
from crm.campaigns.store import counters, timelines
from crm.delivery.chunk import Claim, Throttled
from crm.delivery.log import LogRow
from crm.delivery.row_changes import tallied
from crm.delivery.store import chunks, communication_log
from crm.kernel import errors
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

ATTEMPTS = 5
"""Attempts at claiming a chunk that changes meanwhile."""


class FirestoreChunkLeases:
    """`crm.delivery.usecases.dispatch.ChunkLeases` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        """The chunk leased until `until`; None where it is done or another worker holds it.

        Raises Throttled while the vendor asked to wait, NotFound, Unavailable where it changed at every
        attempt.
        """
        path = chunks.path_of(campaign_id, chunk_id)
        for _ in range(ATTEMPTS):
            stored = await documents.get(self._client, path)
            if stored is None:
                raise errors.NotFound("There is no such chunk.")
            chunk = chunks.decode(campaign_id, chunk_id, stored.fields)
            if chunk.state == "done" or (chunk.lease_until is not None and chunk.lease_until > now):
                return None
            if chunk.retry_at is not None and chunk.retry_at > now:
                wait = int((chunk.retry_at - now).total_seconds()) + 1
                raise Throttled("The vendor asked to wait.", retry_after=wait)
            leased = {
                "lease_until": until,
                "due_at": until,
                "retry_at": None,
                # From now on: a worker that is killed cannot say how far it came.
                "possibly_sent": True,
                "possibly_sent_at": chunk.possibly_sent_at or now,
                "attempts": chunk.attempts + 1,
            }
            commit = Commit(self._client)
            commit.update(path, leased, stored.etag)
            try:
                (etag,) = await commit.send()
            except FailedPrecondition:
                continue  # another worker has claimed it, or a tick has postponed it
            return Claim(chunk=chunk, etag=etag)
        raise errors.Unavailable("The chunk changes all the time.")

    async def release(self, claim: Claim, *, possibly_sent: bool, retry_at: datetime | None) -> None:
        """Give the chunk back, free now or at `retry_at`. Raises Conflict where the lease was lost.

        The worker then fails its request, so the broker delivers that again; if not, the tick publishes it.
        """
        free = {"lease_until": None, "retry_at": retry_at, "possibly_sent": possibly_sent}
        if not possibly_sent:
            free["possibly_sent_at"] = None
        if retry_at is not None:
            free["due_at"] = retry_at
        commit = Commit(self._client)
        await self._update(commit, claim, free)

    async def finish(self, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        """In one commit: create the rows, add them to the counters, and mark the chunk done.

        Raises Conflict where the lease was lost; then nothing is written.
        """
        chunk = claim.chunk
        commit = Commit(self._client)
        for row in rows:
            commit.create(f"{communication_log.COLLECTION}/{row.message_id}", communication_log.encode(row))
        groups = tallied(rows)
        everyone = groups.get(EVERYONE, Counts())
        freed = {"lease_until": None, "due_at": None, "possibly_sent": False, "possibly_sent_at": None}
        done = {**freed, "state": "done", "done_at": now}
        timelines.add(commit, chunk.campaign_id, chunk.shard, everyone, now)
        counters.add(commit, chunk.campaign_id, chunk.shard, groups)
        await self._update(commit, claim, done)

    async def _update(self, commit: Commit, claim: Claim, fields: Mapping[str, Any]) -> None:
        """Send the commit with a change of the chunk under its lease."""
        commit.update(chunks.path_of(claim.chunk.campaign_id, claim.chunk.chunk_id), fields, claim.etag)
        try:
            await commit.send()
        except (AlreadyExists, FailedPrecondition, NotFound) as error:
            raise errors.Conflict("Another worker has taken over this chunk.") from error
