"""What a resolution does to failed and unknown messages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm.campaigns.campaign import Campaign, Resolution, RowStatus
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow

RESOLVES: Mapping[Resolution, RowStatus] = {
    "retry_failed": "failed",
    "send_again": "unknown",
    "mark_as_sent": "unknown",
}
"""The status of the rows that each resolution concerns."""


def resolved(row: LogRow, resolution: Resolution, now: datetime) -> LogRow:
    """The row after the resolution: `retried` where a new message replaces it, else accepted."""
    if resolution == "mark_as_sent":
        return replace(row, status="accepted", reason=None, updated_at=now)
    return replace(row, status="retried", updated_at=now)


def resolution_chunk(campaign: Campaign, rows: Sequence[LogRow]) -> Chunk:
    """The chunk that sends new messages to the customers of `rows`. A row is resolved once a round, so the id
    is unique."""
    return Chunk(
        campaign_id=campaign.campaign_id,
        chunk_id=f"r{campaign.retry_round}-{rows[0].message_id[:16]}",
        customer_keys=tuple(row.customer_key for row in rows),
        shard=rows[0].shard,
        retry_round=campaign.retry_round,
    )
