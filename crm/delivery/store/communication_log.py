"""The communication log: `communication_log/{message_id}`, one document a row."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.campaigns.campaign import RowStatus
from crm.delivery.log import LogRow
from crm.platform.firestore import documents

COLLECTION = "communication_log"

_TIMES = ("sent_at", "opened_at", "clicked_at")
_OPTIONAL = ("reason", *_TIMES)


def encode(row: LogRow) -> dict[str, Any]:
    """The document of a row. Unknown fields are left out to save storage: there is one document a message."""
    document: dict[str, Any] = {
        "message_id": row.message_id,
        "campaign_id": row.campaign_id,
        "customer_key": row.customer_key,
        "chunk_id": row.chunk_id,
        "shard": row.shard,
        "channel": row.channel,
        "status": row.status,
        "updated_at": row.updated_at,
        "cohorts": list(row.cohorts),
    }
    for name in _OPTIONAL:
        value = getattr(row, name)
        if value is not None:
            document[name] = value
    if row.retry_round:
        document["retry_round"] = row.retry_round
    return document


def decode(document: Mapping[str, Any]) -> LogRow:
    """The row of a document."""
    return LogRow(
        message_id=document["message_id"],
        campaign_id=document["campaign_id"],
        customer_key=document["customer_key"],
        chunk_id=document["chunk_id"],
        shard=document["shard"],
        channel=document["channel"],
        status=document["status"],
        reason=document.get("reason"),
        updated_at=document["updated_at"],
        cohorts=tuple(document["cohorts"]),
        retry_round=document.get("retry_round", 0),
        **{name: document.get(name) for name in _TIMES},
    )


class CommunicationLog:
    """Reads rows. Every method raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def of_campaign(
        self, campaign_id: str, limit: int, status: RowStatus | None = None, after: str | None = None
    ) -> list[LogRow]:
        """Up to `limit` rows of a campaign in the order of their message ids, those after the id `after`."""
        query = self._rows("campaign_id", campaign_id)
        if status is not None:
            query = query.where(filter=FieldFilter("status", "==", status))
        query = query.order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({"__name__": self._client.collection(COLLECTION).document(after)})
        return await self._found_by(query)

    async def of_customer(self, key: str, limit: int) -> list[LogRow]:
        """Up to `limit` rows of the customer with this key, the newest first; where there are more, an
        arbitrary `limit`."""
        rows = await self._found_by(self._rows("customer_key", key).limit(limit))
        return sorted(rows, key=lambda row: row.updated_at, reverse=True)

    async def get(self, message_ids: Sequence[str]) -> dict[str, LogRow]:
        """The rows that exist, by message id."""
        found = await documents.get_many(self._client, [f"{COLLECTION}/{name}" for name in message_ids])
        rows = [decode(stored.fields) for stored in found.values()]
        return {row.message_id: row for row in rows}

    def _rows(self, field: str, value: str) -> AsyncQuery:
        return self._client.collection(COLLECTION).where(filter=FieldFilter(field, "==", value))

    async def _found_by(self, query: AsyncQuery) -> list[LogRow]:
        found = await documents.query(self._client, query)
        return [decode(stored.fields) for stored in found.documents.values()]
