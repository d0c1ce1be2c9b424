"""Counters held against rows, and against the vendor's own books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.campaigns.campaign import Campaign, RowStatus
from crm.delivery.log import Chunk, LogRow
from crm.delivery.receipts import RowChange, SeenRow
from crm.supervision.reconciliation import CounterSnapshot, Progress, Recount, Tally


class CountStore(Protocol):
    """A campaign's counters and rows, read at one moment."""

    async def moment(self, campaign: Campaign) -> CounterSnapshot:
        """The counters as they are now, and a name for this now."""

    async def counted(self, campaign_id: str, moment: CounterSnapshot) -> Mapping[RowStatus, int]:
        """How many rows of each status there were at the moment, without reading them."""

    async def rows(
        self, campaign_id: str, moment: CounterSnapshot, after: str | None = None
    ) -> Sequence[LogRow]:
        """The next rows by message id, as they were at the moment; none after the last."""

    async def waiting(
        self, campaign_id: str, moment: CounterSnapshot, after: str | None = None
    ) -> Sequence[Chunk]:
        """The next chunks by id that were not done at the moment; none after the last."""

    async def apply_correction(
        self, campaign_id: str, moment: CounterSnapshot, lacking: Tally, now: datetime
    ) -> None:
        """Add to the counters what they lacked at the moment. Raises Conflict where they were corrected
        since."""

    async def recount_of(self, campaign_id: str) -> Recount | None:
        """The counting that is under way."""

    async def keep_recount(self, campaign_id: str, recount: Recount | None) -> None:
        """Remember how far a counting came, or with None that none is under way."""


class ProgressStore(Protocol):
    """What the tick saw of each campaign when it last looked."""

    async def read(self, campaign_ids: Sequence[str]) -> Mapping[str, Progress]:
        """The progress that is known, by campaign."""

    async def write(self, campaign_id: str, progress: Progress) -> None:
        """Remember it."""


class ResolutionStore(Protocol):
    """Rows that are moved because somebody decided so."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def commit(
        self, campaign: Campaign, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime
    ) -> None:
        """At once or not at all: change the rows, move the counters, add the chunk. Raises Conflict where a
        row has changed since, and where the campaign is no longer at this decision of its round."""
