"""Rows changed by a resolution, in one commit with the chunk that sends the new messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Campaign
from crm.campaigns.store import campaigns
from crm.delivery.chunk import Chunk
from crm.delivery.row_changes import RowChange, SeenRow
from crm.delivery.store import chunks
from crm.delivery.store.receipts import FirestoreReceipts, write_changes
from crm.kernel.errors import Conflict
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit


class FirestoreResolutions:
    """`crm.supervision.usecases.resolve_messages.ResolutionStore` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._receipts = FirestoreReceipts(client)

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""
        return await self._receipts.rows(message_ids)

    async def commit(
        self, campaign: Campaign, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime
    ) -> None:
        """In one commit: change rows and counters, and create the chunk.

        Raises Conflict where a row has changed since it was read, or the campaign is no longer sending, at
        this resolution and in this retry round.
        """
        path = f"{campaigns.COLLECTION}/{campaign.campaign_id}"
        commit = Commit(self._client)
        # An empty write makes the commit fail if the campaign was cancelled or closed.
        commit.update(path, {}, await self._etag_at_resolution(path, campaign))
        write_changes(commit, changes)
        if chunk is not None:
            commit.create(chunks.path_of(chunk.campaign_id, chunk.chunk_id), chunks.encode(chunk, due_at))
        try:
            await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("Another call changed the same rows.") from error

    async def _etag_at_resolution(self, path: str, campaign: Campaign) -> Any:
        """The version of a campaign that is at this resolution and round. Raises Conflict where it is not."""
        wanted = {"status": "sending", "resolution": campaign.resolution, "retry_round": campaign.retry_round}
        stored = await documents.get(self._client, path, list(wanted))
        if stored is None or stored.fields != wanted:
            raise Conflict("The campaign is not at this any more.")
        return stored.etag
