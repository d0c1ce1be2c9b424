"""Rows moved by somebody's decision, together with the chunk that sends their messages anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Campaign
from crm.campaigns.store import campaigns
from crm.delivery.log import Chunk
from crm.delivery.receipts import RowChange, SeenRow
from crm.delivery.store import chunks
from crm.delivery.store.receipts import FirestoreReceipts, write_changes
from crm.kernel.errors import Conflict
from crm.platform.firestore import documents


class FirestoreResolutions:
    """The `ResolutionStore` of one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._receipts = FirestoreReceipts(client)

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows with their versions. Raises Unavailable."""
        return await self._receipts.rows(message_ids)

    async def commit(
        self, campaign: Campaign, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime
    ) -> None:
        """One commit, guarded by the campaign's version and every row's. Raises Conflict and Unavailable."""
        commit = documents.Commit(self._client)
        # Nothing is written, but who cancels or closes the campaign meanwhile wins: nobody tends it then.
        path = f"{campaigns.COLLECTION}/{campaign.campaign_id}"
        commit.update(path, {}, await self._still_at_it(path, campaign))
        write_changes(self._client, commit, changes)
        if chunk is not None:
            commit.create(chunks.path_of(chunk.campaign_id, chunk.chunk_id), chunks.encode(chunk, due_at))
        try:
            await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("Somebody else changed the same rows.") from error

    async def _still_at_it(self, path: str, campaign: Campaign) -> Any:
        """The version of a campaign that is still at this decision of its round. Raises Conflict."""
        stored = (await documents.read(self._client, [path], ("status", "resolution", "retry_round"))).get(
            path
        )
        wanted = {"status": "sending", "resolution": campaign.resolution, "retry_round": campaign.retry_round}
        if stored is None or stored.fields != wanted:
            raise Conflict("The campaign is not at this any more.")
        return stored.etag
