"""Caches segment snapshots as bitmasks over the current base of the audience."""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from crm.audience.engine.parts import Part
from crm.segments.movement import MembershipMask, mask_over

if TYPE_CHECKING:
    import polars as pl

CAPACITY: Final = 100
"""Masks kept in memory: for a million customers each takes 125 kB."""


class SnapshotIds(Protocol):
    """Reads the members of snapshots."""

    async def ids(self, segment_id: str, snapshot_id: str, now: datetime) -> "pl.Series":
        """The ids of the members. Raises NotFound."""


class MembershipCache:
    """The most recently used masks."""

    def __init__(self, snapshots: SnapshotIds) -> None:
        self._snapshots = snapshots
        self._masks: OrderedDict[tuple[str, str], MembershipMask] = OrderedDict()
        self._loads = asyncio.Semaphore(2)  # the ids of a large segment are many megabytes

    async def mask(self, base: Part, segment_id: str, snapshot_id: str, now: datetime) -> MembershipMask:
        """The members of the snapshot as a mask over this base. Raises NotFound, Unavailable."""
        key = (segment_id, snapshot_id)
        cached = self._masks.get(key)
        if cached is not None and cached.base is base:
            self._masks.move_to_end(key)
            return cached
        async with self._loads:
            ids = await self._snapshots.ids(segment_id, snapshot_id, now)
            mask = await asyncio.to_thread(mask_over, base, ids)
        self._masks[key] = mask
        while len(self._masks) > CAPACITY:
            self._masks.popitem(last=False)
        return mask
