"""The frozen audience: markers `campaigns/{id}/partitions/{nnnn}`, and the chunks of each partition."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.campaigns.campaign import Campaign
from crm.campaigns.frozen_list import FrozenPart
from crm.campaigns.store import frozen_lists
from crm.delivery.chunk import Chunk
from crm.delivery.freezing import FrozenPartition
from crm.delivery.store import chunks as chunk_documents
from crm.delivery.store.chunks import path_of
from crm.kernel.errors import Conflict
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

DELETED_PER_COMMIT = 500


class FrozenAudiences:
    """`crm.delivery.ports.FrozenAudience` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        """In one commit: delete a part of the frozen list, write its marker and its chunks.

        Raises Conflict where another worker did, or where the part was deleted with a cancelled campaign.
        """
        commit = Commit(self._client)
        commit.delete(frozen_lists.path_of(campaign.frozen_list or "", partition), part.etag)
        marker = {"recipients": sum(len(chunk.customer_keys) for chunk in chunks), "chunks": len(chunks)}
        commit.create(_marker_path(campaign.campaign_id, partition), marker)
        for chunk in chunks:
            path = path_of(campaign.campaign_id, chunk.chunk_id)
            commit.create(path, chunk_documents.encode(chunk, due_at))
        try:
            await commit.send()
        except (AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict("This part of the audience is frozen already.") from error

    async def frozen(self, campaign_id: str, partitions: int) -> dict[int, FrozenPartition]:
        """The markers that exist, by partition."""
        numbers = {_marker_path(campaign_id, number): number for number in range(partitions)}
        found = await documents.get_in_batches(self._client, list(numbers))
        return {
            numbers[path]: of_fields(FrozenPartition, stored.fields, partition=numbers[path])
            for path, stored in found.items()
        }

    async def discard(self, campaign_id: str) -> None:
        """Delete the chunks and markers of a campaign whose frozen list is gone. Safe to repeat."""
        for collection in (chunk_documents.COLLECTION, "partitions"):
            path = f"campaigns/{campaign_id}/{collection}"
            while names := await self._ids(self._client.collection(path).limit(DELETED_PER_COMMIT)):
                commit = Commit(self._client)
                for name in names:
                    commit.delete(f"{path}/{name}")
                await commit.send()

    async def pending(self, campaign_id: str) -> list[str]:
        """The ids of all chunks that are not done."""
        return await self._ids(self._chunks(campaign_id).where(filter=FieldFilter("state", "==", "pending")))

    async def due(self, campaign_id: str, now: datetime, limit: int) -> list[str]:
        """The ids of up to `limit` pending chunks that are due, the longest due first."""
        due = self._chunks(campaign_id).where(filter=FieldFilter("due_at", "<=", now))
        return await self._ids(due.order_by("due_at").limit(limit))

    async def postpone(
        self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime
    ) -> None:
        """Make those that are still due now due at `until`, so that concurrent ticks do not publish them."""
        found = await documents.get_many(self._client, [path_of(campaign_id, name) for name in chunk_ids])

        async def move(path: str, stored: documents.Stored) -> None:
            due_at = stored.fields.get("due_at")
            if due_at is None or due_at > now:
                return
            commit = Commit(self._client)
            commit.update(path, {"due_at": until}, stored.etag)
            try:
                await commit.send()
            except FailedPrecondition:
                return  # a worker has claimed it

        await asyncio.gather(*(move(path, stored) for path, stored in found.items()))

    async def last_done(self, campaign_id: str) -> datetime | None:
        """When the last chunk was finished."""
        last = self._chunks(campaign_id).order_by("done_at", direction=AsyncQuery.DESCENDING).limit(1)
        found = await documents.query(self._client, last.select(["done_at"]))
        done: list[datetime] = [stored.fields["done_at"] for stored in found.documents.values()]
        return done[0] if done else None

    def _chunks(self, campaign_id: str) -> Any:
        return self._client.collection(f"campaigns/{campaign_id}/{chunk_documents.COLLECTION}")

    async def _ids(self, query: AsyncQuery) -> list[str]:
        return list((await documents.query(self._client, query.select([]))).documents)


def _marker_path(campaign_id: str, partition: int) -> str:
    return f"campaigns/{campaign_id}/partitions/{partition:04d}"
