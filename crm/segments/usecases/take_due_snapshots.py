"""Take the snapshots that are due: those that launches lack, and the daily ones."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, Protocol

from crm.kernel.errors import Invalid, NotFound
from crm.segments.segment import CampaignLaunch, Segment, daily_snapshot_id, next_daily_snapshot
from crm.segments.usecases.snapshot_launch import SnapshotLaunch
from crm.segments.usecases.take_snapshot import TakeSnapshot

logger = logging.getLogger(__name__)

DAILY_LIMIT: Final = 10
"""Daily snapshots of one tick: the others follow in the next minutes."""

LATE: Final = timedelta(hours=1)
"""How long after a launch its snapshot is still taken. Later, the members would be those of another time."""


class DueSegments(Protocol):
    """Finds the segments whose daily snapshot is due."""

    async def due(self, now: datetime, limit: int) -> Sequence[Segment]:
        """Up to `limit` of them, the longest waiting first."""

    async def postpone(self, segment_id: str, next_snapshot_at: datetime) -> None:
        """Let the daily snapshot be due later. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDueSnapshots:
    """The tick's part in segments."""

    segments: DueSegments
    take: TakeSnapshot
    snapshot_launch: SnapshotLaunch
    zone: tzinfo

    async def __call__(self, launches: Iterable[CampaignLaunch], now: datetime) -> None:
        """Take what is due. A segment that is gone, or whose rules are no longer valid, stops no other.

        Raises Unavailable.
        """
        for launch in launches:
            if launch.at + LATE > now:
                await self.snapshot_launch(launch, now)
        for segment in await self.segments.due(now, DAILY_LIMIT):
            try:
                await self.take(segment, daily_snapshot_id(now, self.zone), "daily", now)
            except NotFound:
                continue
            except Invalid:
                logger.warning("the rules of segment %s are no longer valid", segment.segment_id)
                await self.segments.postpone(segment.segment_id, next_daily_snapshot(now, self.zone))
