"""Take the snapshot that belongs to the launch of a campaign."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crm.kernel.errors import NotFound
from crm.segments.ports import SnapshotStore
from crm.segments.segment import CampaignLaunch, Segment, launch_snapshot_id
from crm.segments.usecases.take_snapshot import TakeSnapshot

logger = logging.getLogger(__name__)


class SegmentLookup(Protocol):
    """Finds segments."""

    async def get(self, segment_id: str) -> Segment:
        """The segment. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLaunch:
    """Records who was in the segment of a campaign when it was launched."""

    segments: SegmentLookup
    snapshots: SnapshotStore
    take: TakeSnapshot

    async def __call__(self, launch: CampaignLaunch, now: datetime) -> None:
        """Take the snapshot, unless it was taken or the segment is gone. Safe to repeat.

        Raises Invalid where the campaign's rules are no longer valid, Unavailable.
        """
        snapshot_id = launch_snapshot_id(launch)
        if await self.snapshots.is_settled(launch.segment_id, snapshot_id):
            return
        try:
            segment = await self.segments.get(launch.segment_id)
            await self.take(segment, snapshot_id, "campaign", now, launch=launch)
        except NotFound:
            ids = {"campaign_id": launch.campaign_id}
            logger.info("the segment of a campaign is gone", extra={"ids": ids})
