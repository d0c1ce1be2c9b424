"""What the use cases of segments need of the database."""

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from crm.segments.segment import SegmentSnapshot

if TYPE_CHECKING:
    import polars as pl


class SnapshotStore(Protocol):
    """Stores segment snapshots."""

    async def write(
        self,
        snapshot: SegmentSnapshot,
        ids: "pl.Series",
        next_snapshot_at: datetime | None = None,
        campaign_name: str | None = None,
    ) -> bool:
        """Store the snapshot; False where one of its id exists. Raises NotFound where the segment is gone."""

    async def is_settled(self, segment_id: str, snapshot_id: str) -> bool:
        """Whether there is such a snapshot, or no such segment any more."""
