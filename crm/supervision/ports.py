"""What several use cases need of the outside: counters and rows of one read time, and the last progress."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.campaigns.campaign import Campaign, RowStatus
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow
from crm.supervision.progress import Progress
from crm.supervision.reconciliation import CounterSnapshot, Recount, Tally


class CountStore(Protocol):
    """A campaign's counters, rows and chunks as of one read time. Every method raises Unavailable."""

    async def snapshot(self, campaign: Campaign) -> CounterSnapshot:
        """The counters as they are now."""

    async def row_counts(self, campaign_id: str, snapshot: CounterSnapshot) -> Mapping[RowStatus, int]:
        """The number of rows of each status as of the snapshot, by aggregation."""

    async def rows(
        self, campaign_id: str, snapshot: CounterSnapshot, after: str | None = None
    ) -> Sequence[LogRow]:
        """The next page of rows by message id as of the snapshot; empty after the last."""

    async def pending_chunks(
        self, campaign_id: str, snapshot: CounterSnapshot, after: str | None = None
    ) -> Sequence[Chunk]:
        """The next page of pending chunks by id as of the snapshot; empty after the last."""

    async def apply_correction(
        self, campaign_id: str, snapshot: CounterSnapshot, missing: Tally, now: datetime
    ) -> None:
        """Add to the counters. Raises Conflict where they were corrected since the snapshot."""

    async def recount(self, campaign_id: str) -> Recount | None:
        """The recount that is under way."""

    async def save_recount(self, campaign_id: str, recount: Recount | None) -> None:
        """Store how far a recount came, or with None that none is under way."""


class ProgressStore(Protocol):
    """The progress of each campaign as of the last tick. Every method raises Unavailable."""

    async def of_campaigns(self, campaign_ids: Sequence[str]) -> Mapping[str, Progress]:
        """The progress that is known, by campaign."""

    async def save(self, campaign_id: str, progress: Progress) -> None:
        """Store the progress; the last writer wins."""
