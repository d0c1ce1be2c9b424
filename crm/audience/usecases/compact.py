"""Compact the audience: fold the change log into the blocks, and delete documents no longer needed.

Blocks are immutable: new ones are written under new names, then one commit of the manifest, guarded by its
etag, refers to them. A compaction killed before that commit leaves unused new blocks, one killed after it
unused old ones; the next compaction deletes both. Of two concurrent ones the second manifest is refused. The
lease only avoids wasted work.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from crm.audience.engine.blocks import pack_block
from crm.audience.engine.tables import Tables, rows_of
from crm.audience.projection.manifest import Manifest, Piece, partitions_for
from crm.audience.projection.partitions import folded, split
from crm.kernel.errors import Conflict
from crm.kernel.versioned import Seen

CONCURRENCY: Final = 3
"""Partitions processed concurrently."""

T = TypeVar("T")

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """The oldest documents of the log after some time: all with a time before `end`."""

    payloads: Sequence[bytes]
    end: datetime
    more: bool
    """Whether later documents can be folded as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What a compaction did."""

    documents: int = 0
    """Log documents that were folded."""
    customers: int = 0
    orders: int = 0
    partitions: int = 0
    """Partitions that were written."""
    more: bool = False
    """Whether there is more to fold."""

    def __add__(self, other: "Compacted") -> "Compacted":
        return Compacted(
            documents=self.documents + other.documents,
            customers=self.customers + other.customers,
            orders=self.orders + other.orders,
            partitions=self.partitions + other.partitions,
            more=other.more,
        )


class AudienceStore(Protocol):
    """The stored projection: blocks, manifest and change log. Every call raises Unavailable."""

    async def lease(self) -> bool:
        """Take the compactors' lease; False where another process holds it. It is renewed until released, and
        expires some minutes after its process was killed."""

    async def release(self) -> None:
        """Release the lease."""

    async def manifest(self) -> Seen[Manifest | None]:
        """The current manifest; None before the first."""

    def new_epoch(self) -> str:
        """A name that no earlier projection had, for `Manifest.epoch`."""

    async def settled(self) -> datetime:
        """The time before which the log is complete: no document with an earlier time can still appear."""

    async def log(self, since: datetime) -> LogPart:
        """The oldest part of the settled log since `since`."""

    async def waiting(self, since: datetime) -> int:
        """The number of settled log documents since `since`."""

    async def erasures(self) -> Sequence[datetime]:
        """The times of log documents that erase customers."""

    async def rows(self, manifest: Manifest, partition: int) -> Tables:
        """A partition's rows. A damaged block is logged, and its rows are read from the source instead."""

    async def write(self, partition: int, block: bytes) -> tuple[Piece, ...]:
        """Store a block under new names."""

    async def switch(self, seen: Seen[Manifest | None], manifest: Manifest) -> Seen[Manifest | None]:
        """Replace the manifest. Raises Conflict where it has changed since it was seen."""

    async def clear(self, seen: Seen[Manifest | None], kept: frozenset[str] = frozenset()) -> None:
        """Delete the blocks that are older than the manifest, except its own and `kept`; then the log before
        its `trimmed`, erasures last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compact:
    """Fold the oldest part of the change log into the blocks."""

    store: AudienceStore

    async def __call__(self) -> Compacted | None:
        """What was folded; None where another compaction runs or was faster. Raises Unavailable.

        Old blocks and folded log documents stay until the next compaction, for readers that still need them.
        After an erasure they are deleted immediately.
        """
        if not await self.store.lease():
            return None
        try:
            return await self._compact()
        except Conflict:
            return None
        finally:
            await self.store.release()

    async def _compact(self) -> Compacted:
        seen = await self.store.manifest()
        begin = seen.row.folded if seen.row else BEGINNING
        part = await self.store.log(begin)
        erases = any(at < part.end for at in await self.store.erasures())
        if not part.payloads and not erases:
            return Compacted()
        changes = await asyncio.to_thread(rows_of, part.payloads)
        current = seen.row or Manifest(epoch=self.store.new_epoch(), folded=begin, trimmed=begin)
        blocks = await self._folded(current, changes)
        after = replace(
            current.with_blocks(blocks), folded=part.end, trimmed=part.end if erases else current.folded
        )
        switched = await self.store.switch(seen, after)
        await self.store.clear(switched, frozenset() if erases else current.names)
        await self._grow(switched, after)
        return Compacted(
            documents=len(part.payloads),
            customers=changes.customers["customer_id"].n_unique(),
            orders=changes.orders["order_id"].n_unique(),
            partitions=len(blocks),
            more=part.more,
        )

    async def _folded(self, manifest: Manifest, changes: Tables) -> Mapping[int, tuple[Piece, ...]]:
        """New blocks of the partitions that change."""
        parts = await asyncio.to_thread(split, changes, len(manifest.blocks))

        async def one(number: int, rows: Tables) -> tuple[Piece, ...]:
            before = await self.store.rows(manifest, number)
            block = await asyncio.to_thread(lambda: pack_block(folded(before, rows, changes)))
            return await self.store.write(number, block)

        pieces = await _in_parallel([one(number, rows) for number, rows in parts.items()])
        return dict(zip(parts, pieces, strict=True))

    async def _grow(self, seen: Seen[Manifest | None], manifest: Manifest) -> None:
        """Split every partition if they have become large. The next compaction deletes the old blocks."""
        count = partitions_for(manifest.size, len(manifest.blocks))
        if count == len(manifest.blocks):
            return

        async def one(number: int) -> Mapping[int, tuple[Piece, ...]]:
            rows = await self.store.rows(manifest, number)
            parts = await asyncio.to_thread(split, rows, count)
            return {
                child: await self.store.write(child, await asyncio.to_thread(pack_block, part))
                for child, part in parts.items()
            }

        written = await _in_parallel([one(number) for number in range(len(manifest.blocks))])
        blocks = {child: pieces for each in written for child, pieces in each.items()}
        await self.store.switch(
            seen, replace(manifest, blocks=tuple(blocks.get(number, ()) for number in range(count)))
        )


async def _in_parallel(work: Sequence[Awaitable[T]]) -> list[T]:
    slots = asyncio.Semaphore(CONCURRENCY)

    async def one(each: Awaitable[T]) -> T:
        async with slots:
            return await each

    tasks = [asyncio.ensure_future(one(each)) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
