"""Chunks of recipients, and the lease under which one worker sends a chunk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from crm.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Up to `CHUNK_SIZE` recipients of one campaign, frozen at launch or by a resolution."""

    campaign_id: str
    chunk_id: str
    """The partition and the position in it, or the retry round and the first message."""
    customer_keys: tuple[str, ...]
    shard: int
    """The counter shard that counts these recipients."""
    retry_round: int = 0
    """0, or the round of the resolution that made the chunk."""
    state: Literal["pending", "done"] = "pending"
    lease_until: datetime | None = None
    retry_at: datetime | None = None
    """Set where the vendor asked to wait."""
    possibly_sent: bool = False
    """Whether a worker may have handed messages to the vendor without recording that it did."""
    possibly_sent_at: datetime | None = None
    """When the first such worker may have begun to send."""
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A chunk leased to this worker, as it was before the claim."""

    chunk: Chunk
    etag: Any
    """Version of the chunk's document under the lease; the store checks it on finish and release."""


class Throttled(Unavailable):
    """The chunk waits because the vendor asked to wait; `retry_after` says for how many seconds."""
