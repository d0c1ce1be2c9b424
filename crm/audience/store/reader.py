"""Reads the audience: the blocks once, then only what is added to the change log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from google.cloud.firestore import AsyncClient

from crm.audience.engine.blocks import frames_in
from crm.audience.engine.frames import Frames
from crm.audience.engine.snapshot import Snapshot, applied, snapshot_of_frames
from crm.audience.projection.manifest import DamagedBlock, Manifest
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.blocks import AudienceBlocks
from crm.audience.store.source import FirestoreSource
from crm.audience.store.tail import Position, read_on, start
from crm.audience.usecases.compact import BEGINNING
from crm.audience.usecases.repair import Repair
from crm.kernel.errors import Conflict, Unavailable
from crm.kernel.versioned import Seen
from crm.platform import clock

logger = logging.getLogger(__name__)

T = TypeVar("T")

HEAD_EVERY: Final = timedelta(seconds=30)
"""How often a reader checks that the log it continues from has not been trimmed."""

LARGE: Final = 50_000
"""Changes of customers since the blocks were read, above which newer blocks are worth reading: each change
costs what all that changed weigh."""

GROUP: Final = 4
"""Partitions fetched and unpacked together."""
CONCURRENT_GROUPS: Final = 3

ATTEMPTS: Final = 5
"""Loads tried while the manifest moves or blocks are mended, before the caller is asked to come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a reader keeps in memory."""

    snapshot: Snapshot
    position: Position
    epoch: str | None
    """The epoch of the manifest that was loaded; None without a manifest."""
    begin: datetime
    """The time up to which the loaded blocks contain the log."""
    looked_at: datetime
    """The server's time when the manifest was last checked."""
    is_quiet: bool
    """Whether the last read of the log found nothing new."""


class AudienceReader:
    """The projection kept in memory. Not for use from several event loops."""

    def __init__(self, client: AsyncClient, now: Callable[[], datetime] = clock.now) -> None:
        self._client = client
        self._now = now
        self._blocks = AudienceBlocks(client)
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[Snapshot] | None = None
        self._held: Loaded | None = None

    async def snapshot(self) -> Snapshot:
        """All customers and orders, with every commit that had returned before this call.

        Concurrent calls share one read. Raises Unavailable where the database does not answer.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._refreshed())
        return await asyncio.shield(self._next)

    async def asked(self, question: Callable[[Snapshot], Awaitable[T]]) -> tuple[T, Snapshot]:
        """The answer to a question about `snapshot()`, and that snapshot. Raises what either of them raises.

        A quiet log is usually still quiet. Then the snapshot in memory is asked while the log is read, and
        the new one only if it differs.
        """
        held = self._held
        if held is None or not held.is_quiet:
            snapshot = await self.snapshot()
            return await question(snapshot), snapshot
        found, snapshot = await asyncio.gather(question(held.snapshot), self.snapshot())
        if not snapshot.same_data_as(held.snapshot):
            found = await question(snapshot)
        return found, snapshot

    async def _refreshed(self) -> Snapshot:
        async with self._turn:
            self._next = None  # later callers may know of commits that this read misses
            as_of = self._now()
            held = self._held
            if held is not None:
                held = await self._read_on(held, as_of)
            if held is None:
                held = await self._loaded(as_of)
            self._held = held
            return held.snapshot

    async def _read_on(self, held: Loaded, as_of: datetime) -> Loaded | None:
        """The held state with the log's new entries; None where the log no longer reaches back so far."""
        payloads, position = await read_on(self._client, held.position)
        looked_at = held.looked_at
        if position.read_at - looked_at >= HEAD_EVERY:
            # After the log was read: a compaction updates the manifest before it trims the log.
            if not await self._is_whole(held):
                return None
            looked_at = position.read_at
        snapshot = await _after(held.snapshot, payloads, as_of)
        is_quiet = snapshot.same_data_as(held.snapshot)
        return replace(held, snapshot=snapshot, position=position, looked_at=looked_at, is_quiet=is_quiet)

    async def _is_whole(self, held: Loaded) -> bool:
        """Whether the log still continues from there, and not so long that newer blocks are better."""
        head = await self._blocks.head()
        if head is None:
            return held.epoch is None
        if held.snapshot.changed.changes.customers.height > LARGE and head.folded > held.begin:
            return False
        return head.trimmed <= held.position.since and held.epoch in (head.epoch, None)

    async def _loaded(self, as_of: datetime) -> Loaded:
        """The blocks and the log after them."""
        for _ in range(ATTEMPTS):
            seen = await self._blocks.manifest()
            try:
                base = await self._base(seen.row, as_of)
            except DamagedBlock as damage:
                await self._mend(damage, seen)
                continue
            begin = seen.row.folded if seen.row else BEGINNING
            payloads, position = await read_on(self._client, start(begin))
            held = Loaded(
                snapshot=await _after(base, payloads, as_of),
                position=position,
                epoch=seen.row.epoch if seen.row else None,
                begin=begin,
                looked_at=position.read_at,
                is_quiet=True,
            )
            if await self._is_whole(held):
                return held
        raise Unavailable("The audience is being put in order.")

    async def _base(self, manifest: Manifest | None, as_of: datetime) -> Snapshot:
        """The snapshot of the blocks. Raises DamagedBlock."""
        count = len(manifest.blocks) if manifest else 0
        slots = asyncio.Semaphore(CONCURRENT_GROUPS)

        async def group(begin: int) -> list[Frames]:
            numbers = range(begin, min(begin + GROUP, count))
            async with slots:  # limits how many packed and unpacked blocks are in memory together
                assert manifest is not None
                blocks = await self._blocks.read(manifest, numbers)
                return await asyncio.to_thread(_unpacked, manifest, numbers, blocks)

        groups = await asyncio.gather(*(group(begin) for begin in range(0, count, GROUP)))
        frames = [each for part in groups for each in part]
        return await asyncio.to_thread(snapshot_of_frames, frames, as_of)

    async def _mend(self, damage: DamagedBlock, seen: Seen[Manifest | None]) -> None:
        """Repair a damaged block, unless the manifest has changed meanwhile."""
        if (await self._blocks.manifest()).etag != seen.etag:
            return
        logger.error("audience %s; it is rebuilt from its customers", damage)
        with suppress(Conflict):
            repair = Repair(store=FirestoreAudience(self._client), source=FirestoreSource(self._client))
            await repair(damage.partition)


async def _after(snapshot: Snapshot, payloads: Sequence[bytes], as_of: datetime) -> Snapshot:
    """Raises Unavailable for a payload that cannot be read."""
    if not payloads:
        return replace(snapshot, as_of=as_of)
    try:
        return await asyncio.to_thread(applied, snapshot, payloads, as_of)
    except ValueError as error:
        # Without it the counts would lack the customers that it changes.
        logger.error("the audience's log is damaged, `crm audience rebuild` does without it: %s", error)
        raise Unavailable("A change of the audience cannot be read.") from error


def _unpacked(manifest: Manifest, partitions: Sequence[int], blocks: Sequence[bytes]) -> list[Frames]:
    """Raises DamagedBlock for bytes that match their checksum and are no block."""
    frames: list[Frames] = []
    filled = [number for number in partitions if manifest.blocks[number]]
    for number, block in zip(filled, blocks, strict=True):
        try:
            frames.append(frames_in(block))
        except ValueError as error:
            raise DamagedBlock(number, manifest.blocks[number][0].name, str(error)) from error
    return frames
