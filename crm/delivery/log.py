"""Rows of the communication log: what happened to each message.

A row outlives the erasure of its customer, so it names them by key, and its reason is never free text from
outside (`crm.channels.reasons`).
"""

from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import RowStatus
from crm.customers.values import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row of `communication_log`: the message to one recipient."""

    message_id: str
    campaign_id: str
    customer_key: str
    chunk_id: str
    shard: int
    channel: Channel
    status: RowStatus
    """Decided before sending by `plan`, by the vendor's answer in `outcome`, then by receipts in `receipts`,
    by their absence in `crm.supervision.closing`, or by a marketer in `crm.supervision.resolution`."""
    reason: str | None = None
    sent_at: datetime | None = None
    """None where the vendor certainly did not take the message."""
    updated_at: datetime
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    cohorts: tuple[str, ...] = ()
    """The groups that also count this row, see `cohorts`."""
    retry_round: int = 0
