"""Chunks of recipients, and the rows of the communication log."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crm.campaigns.campaign import RowStatus
from crm.customers.values import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Up to `CHUNK_SIZE` recipients of one campaign, frozen. Named by its partition and its place therein.

    `possibly_sent` says that a worker may have handed messages to the vendor and could not write down that it
    did; `possibly_sent_at` is when the first who may have began. `retry_at` is set where the vendor asked to
    wait. `retry_round` is 0, or that of the resolution which made the chunk.
    """

    campaign_id: str
    chunk_id: str
    customer_ids: tuple[str, ...]
    shard: int
    retry_round: int = 0
    state: Literal["pending", "done"] = "pending"
    lease_until: datetime | None = None
    retry_at: datetime | None = None
    possibly_sent: bool = False
    possibly_sent_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row of `communication_log`: what became of the message to one recipient."""

    message_id: str
    campaign_id: str
    customer_id: str
    chunk_id: str
    shard: int
    channel: Channel
    status: RowStatus
    reason: str | None = None
    sent_at: datetime | None = None
    updated_at: datetime
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    cohorts: tuple[str, ...] = field(default=())
    retry_round: int = 0
