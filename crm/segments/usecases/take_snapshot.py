"""Write down who is in a segment: each day, when a campaign goes to it, and when somebody asks."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final, Protocol

from crm.audience.ports import Audience
from crm.audience.rules.tree import parse
from crm.kernel.errors import Invalid, NotFound
from crm.segments.movement import matching
from crm.segments.segment import Launch, Point, PointKind, Segment, daily_point_id, next_daily_point

if TYPE_CHECKING:
    import polars as pl

logger = logging.getLogger(__name__)

DAILY_AT_ONCE: Final = 10
"""Daily points that one tick writes: the others follow in the next minutes."""

LATE: Final = timedelta(hours=1)
"""How long after a launch the tick still writes its point; later, it would not say who was in the segment."""


class SnapshotStore(Protocol):
    """Where points are kept."""

    async def write(
        self,
        point: Point,
        ids: "pl.Series",
        next_point_at: datetime | None = None,
        campaign_name: str | None = None,
    ) -> bool:
        """Keep the point; whether it was not there yet. Raises NotFound for no such segment."""

    async def exists(self, segment_id: str, point_id: str) -> bool:
        """Whether there is such a point, or no such segment any more."""


class SegmentStore(Protocol):
    """The segments."""

    async def get(self, segment_id: str) -> Segment:
        """The segment. Raises NotFound."""

    async def due(self, now: datetime, limit: int) -> Sequence[Segment]:
        """Segments whose daily point is due."""

    async def postpone(self, segment_id: str, next_point_at: datetime) -> None:
        """Let the daily point be due later. Raises NotFound."""


async def write_point(
    segment: Segment,
    point_id: str,
    kind: PointKind,
    points: SnapshotStore,
    audience: Audience,
    now: datetime,
    zone: tzinfo,
    by: str | None = None,
    launch: Launch | None = None,
) -> Point:
    """Write down who is in the segment now; of one `point_id` only the first counts.

    With a launch it is those whom the campaign's rules match. Raises NotFound where the segment is gone,
    Invalid where its rules no longer hold, Unavailable.
    """
    rules = segment.rules if launch is None else launch.rules
    tree = parse(rules, zone=zone)
    snapshot = await audience.snapshot()
    ids = await asyncio.to_thread(matching, snapshot, tree, now, zone)
    point = Point(
        point_id=point_id,
        segment_id=segment.segment_id,
        at=now,
        kind=kind,
        matched=len(ids),
        version=segment.version if rules == segment.rules else None,
        campaign_id=launch.campaign_id if launch else None,
        by=by,
    )
    await points.write(
        point,
        ids,
        next_daily_point(now, zone) if kind == "daily" else None,
        launch.campaign_name if launch else None,
    )
    return point


async def note_launch(
    launch: Launch,
    segments: SegmentStore,
    points: SnapshotStore,
    audience: Audience,
    now: datetime,
    zone: tzinfo,
) -> None:
    """Write down who was in the segment of a campaign that has just been launched. Safe to repeat."""
    point_id = f"c{launch.campaign_id}"
    if await points.exists(launch.segment_id, point_id):
        return
    try:
        segment = await segments.get(launch.segment_id)
        await write_point(segment, point_id, "campaign", points, audience, now, zone, launch=launch)
    except NotFound:
        logger.info("the segment of a campaign is gone", extra={"ids": {"campaign_id": launch.campaign_id}})


async def write_due_points(
    launches: Iterable[Launch],
    segments: SegmentStore,
    points: SnapshotStore,
    audience: Audience,
    now: datetime,
    zone: tzinfo,
) -> None:
    """What the tick does: the points of campaigns that lack theirs, and the daily ones that are due."""
    for launch in launches:
        if launch.at + LATE > now:
            await note_launch(launch, segments, points, audience, now, zone)
    for segment in await segments.due(now, DAILY_AT_ONCE):
        name = daily_point_id(now, zone)
        try:
            await write_point(segment, name, "daily", points, audience, now, zone)
        except NotFound:
            continue
        except Invalid:
            logger.warning("the rules of segment %s no longer hold", segment.segment_id)
            await segments.postpone(segment.segment_id, next_daily_point(now, zone))
