"""What becomes of failed and unknown messages once somebody has decided on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm.campaigns.campaign import Campaign, Resolution, RowStatus
from crm.delivery.log import Chunk, LogRow

RESOLVES: Mapping[Resolution, RowStatus] = {
    "retry_failed": "failed",
    "send_again": "unknown",
    "take_as_sent": "unknown",
}
"""The rows that a resolution is about."""


def resolved(row: LogRow, resolution: Resolution, now: datetime) -> LogRow:
    """The row after somebody decided on it: history where its message is sent anew, else accepted."""
    if resolution == "take_as_sent":
        return replace(row, status="accepted", reason=None, updated_at=now)
    return replace(row, status="retried", updated_at=now)


def resolution_chunk(campaign: Campaign, rows: Sequence[LogRow]) -> Chunk:
    """The chunk that sends anew to the customers of `rows`. Each row is moved once, so names are unique."""
    return Chunk(
        campaign_id=campaign.campaign_id,
        chunk_id=f"r{campaign.retry_round}-{rows[0].message_id[:16]}",
        customer_ids=tuple(row.customer_id for row in rows),
        shard=rows[0].shard,
        retry_round=campaign.retry_round,
    )
