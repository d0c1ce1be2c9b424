"""What a launch froze of the audience."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.campaigns.campaign import Campaign, Chunk
from crm.delivery.freezing import Frozen, FrozenList, FrozenPart


class FrozenLists(Protocol):
    """Lists of recipients, as launches found them. Of those for one launch its campaign names one."""

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        """Keep the recipients. From `check_at` on somebody looks whether the list is needed."""

    async def part(self, name: str, number: int) -> FrozenPart | None:
        """One partition's recipients; None where they are in chunks already, or the list is gone."""

    async def left(self, name: str, limit: int) -> Sequence[int]:
        """Up to `limit` partitions whose recipients are not in chunks."""

    async def to_check(self, now: datetime, limit: int) -> Sequence[FrozenList]:
        """Up to `limit` lists that somebody should look after."""

    async def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        """Look after it again then. Raises Conflict where it has changed since it was read."""

    async def drop(self, unwanted: FrozenList) -> None:
        """Delete it, so that no campaign can name it. Raises Conflict where it has changed since."""

    async def forget(self, name: str) -> None:
        """Delete a list that its campaign has named and needs no more. Safe to repeat."""


class FrozenAudience(Protocol):
    """The audience of a campaign in chunks, partition by partition."""

    async def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        """Put a marker and chunks in place of a part of the frozen list, at once. Raises Conflict where the
        part is not as it was read."""

    async def discard(self, campaign_id: str) -> None:
        """Delete all chunks and markers. Safe to repeat."""

    async def frozen(self, campaign_id: str, partitions: int) -> Mapping[int, Frozen]:
        """The markers that exist, by partition."""

    async def pending(self, campaign_id: str) -> Sequence[str]:
        """The ids of all chunks that are not done."""

    async def due(self, campaign_id: str, now: datetime, limit: int) -> Sequence[str]:
        """The ids of up to `limit` chunks that are not done and that nobody seems to work on."""

    async def postpone(
        self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime
    ) -> None:
        """Let these not be due before `until`, where they are due now."""

    async def last_done(self, campaign_id: str) -> datetime | None:
        """When the chunk that was done last was done."""
