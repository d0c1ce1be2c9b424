"""Who was in a segment at a point, kept laid out for the snapshots that are asked about it."""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from crm.audience.engine.parts import Part
from crm.segments.movement import MembershipMask, standing

if TYPE_CHECKING:
    import polars as pl

KEPT: Final = 100
"""Points kept in memory: of a million customers each takes an eighth of a megabyte."""


class PointReader(Protocol):
    """Reads points."""

    async def ids(self, segment_id: str, point_id: str, now: datetime) -> "pl.Series":
        """The ids of those who were in the segment. Raises NotFound."""


class MembershipCache:
    """The points that were asked for last."""

    def __init__(self, points: PointReader) -> None:
        self._points = points
        self._kept: OrderedDict[tuple[str, str], MembershipMask] = OrderedDict()
        self._turn = asyncio.Semaphore(2)

    async def of(self, base: Part, segment_id: str, point_id: str, now: datetime) -> MembershipMask:
        """The point over this base. Raises NotFound, Unavailable."""
        key = (segment_id, point_id)
        kept = self._kept.get(key)
        if kept is not None and kept.base is base:
            self._kept.move_to_end(key)
            return kept
        async with self._turn:  # ids of a large segment are many megabytes
            ids = await self._points.ids(segment_id, point_id, now)
            made = await asyncio.to_thread(standing, base, ids)
        self._kept[key] = made
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made
