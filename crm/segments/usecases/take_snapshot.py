"""Take a snapshot of the members of a segment."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, tzinfo

from crm.audience.ports import Audience
from crm.audience.rules.parse import parse
from crm.segments.movement import matching_ids
from crm.segments.ports import SnapshotStore
from crm.segments.segment import (
    CampaignLaunch,
    Segment,
    SegmentSnapshot,
    SnapshotKind,
    next_daily_snapshot,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSnapshot:
    """Evaluates the rules over the present audience."""

    snapshots: SnapshotStore
    audience: Audience
    zone: tzinfo

    async def __call__(
        self,
        segment: Segment,
        snapshot_id: str,
        kind: SnapshotKind,
        now: datetime,
        by: str | None = None,
        launch: CampaignLaunch | None = None,
    ) -> SegmentSnapshot:
        """The snapshot; of several with one id only the first is stored.

        With a launch its members are those that the campaign's rules match. Raises NotFound where the segment
        is gone, Invalid where the rules are no longer valid, Unavailable.
        """
        rules = segment.rules if launch is None else launch.rules
        tree = parse(rules, zone=self.zone)
        customers = await self.audience.snapshot()
        ids = await asyncio.to_thread(matching_ids, customers, tree, now, self.zone)
        snapshot = SegmentSnapshot(
            snapshot_id=snapshot_id,
            segment_id=segment.segment_id,
            at=now,
            kind=kind,
            matched=len(ids),
            version=segment.version if rules == segment.rules else None,
            campaign_id=launch.campaign_id if launch else None,
            by=by,
        )
        await self.snapshots.write(
            snapshot,
            ids,
            next_snapshot_at=next_daily_snapshot(now, self.zone) if kind == "daily" else None,
            campaign_name=launch.campaign_name if launch else None,
        )
        return snapshot
