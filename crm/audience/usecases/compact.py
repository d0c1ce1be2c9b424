"""Compact the audience: fold the change log into the blocks, and delete what nobody needs any more.

Blocks are never changed, only written anew under new names; one guarded commit of the manifest then names
them. Whoever is killed before it leaves documents that nobody reads, whoever is killed after it leaves old
ones; the next one deletes both. Two at once do no harm either: of their manifests one is refused. The lease
only spares them the work.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar
from uuid import uuid4

from crm.audience.engine.blocks import pack_block
from crm.audience.engine.tables import Tables, rows_of
from crm.audience.projection.manifest import Manifest, Piece, partitions_for
from crm.audience.projection.partitions import folded, split
from crm.kernel.errors import Conflict
from crm.kernel.versioned import Seen

AT_ONCE: Final = 3
"""Partitions in work at the same time."""

T = TypeVar("T")

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """The oldest documents of the log from some moment on: all that are stamped before `end`.

    `more` says whether others behind them are ripe as well.
    """

    payloads: Sequence[bytes]
    end: datetime
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What a compaction did: documents folded, rows changed, partitions written, and whether more waits."""

    documents: int = 0
    customers: int = 0
    orders: int = 0
    partitions: int = 0
    more: bool = False

    def __add__(self, other: "Compacted") -> "Compacted":
        return Compacted(
            documents=self.documents + other.documents,
            customers=self.customers + other.customers,
            orders=self.orders + other.orders,
            partitions=self.partitions + other.partitions,
            more=other.more,
        )


class AudienceStore(Protocol):
    """The projection at rest. Every call raises Unavailable where the database does not answer."""

    async def lease(self) -> bool:
        """Take the lease that compactors work under; False where another one holds it. It lasts until it is
        given back, or until some minutes after the process that holds it was killed."""

    async def release(self) -> None:
        """Give the lease back."""

    async def manifest(self) -> Seen[Manifest | None]:
        """The manifest as it is; None before the first."""

    async def settled(self) -> datetime:
        """The moment before which the log is complete: nothing will appear any more that is stamped so."""

    async def log(self, since: datetime) -> LogPart:
        """A part of the log from `since` on, as far as it is settled."""

    async def waiting(self, since: datetime) -> int:
        """How many documents of the log are stamped from `since` on and settled."""

    async def erasures(self) -> Sequence[datetime]:
        """The stamps of log documents that erase somebody."""

    async def rows(self, manifest: Manifest, partition: int) -> Tables:
        """A partition's rows. A damaged block is named in the log and read from its source instead."""

    async def write(self, partition: int, block: bytes) -> tuple[Piece, ...]:
        """Store a block under new names."""

    async def switch(self, seen: Seen[Manifest | None], manifest: Manifest) -> Seen[Manifest | None]:
        """Replace the manifest. Raises Conflict where it is not the one that was seen."""

    async def clear(self, seen: Seen[Manifest | None], kept: frozenset[str] = frozenset()) -> None:
        """Delete the blocks written before the manifest that was seen, but for its own and those `kept`;
        then the log before its `trimmed`, erasures last."""


async def compact(store: AudienceStore) -> Compacted | None:
    """Fold the oldest part of the log; None where somebody else is at it or was faster.

    Old blocks and folded log documents stay until the next compaction, for readers who are about to
    read them. Where somebody was erased they go at once. Raises Unavailable.
    """
    if not await store.lease():
        return None
    try:
        return await _compact(store)
    except Conflict:
        return None
    finally:
        await store.release()


async def _compact(store: AudienceStore) -> Compacted:
    seen = await store.manifest()
    begin = seen.row.folded if seen.row else BEGINNING
    part = await store.log(begin)
    erases = any(at < part.end for at in await store.erasures())
    if not part.payloads and not erases:
        return Compacted()
    told = await asyncio.to_thread(rows_of, part.payloads)
    current = seen.row or Manifest(epoch=uuid4().hex, folded=begin, trimmed=begin)
    blocks = await _folded(store, current, told)
    after = replace(
        current.with_blocks(blocks), folded=part.end, trimmed=part.end if erases else current.folded
    )
    switched = await store.switch(seen, after)
    await store.clear(switched, frozenset() if erases else current.names)
    await _grow(store, switched, after)
    return Compacted(
        documents=len(part.payloads),
        customers=told.customers["customer_id"].n_unique(),
        orders=told.orders["order_id"].n_unique(),
        partitions=len(blocks),
        more=part.more,
    )


async def _folded(store: AudienceStore, manifest: Manifest, told: Tables) -> Mapping[int, tuple[Piece, ...]]:
    """New blocks of the partitions that change."""
    parts = await asyncio.to_thread(split, told, len(manifest.blocks))

    async def one(number: int, rows: Tables) -> tuple[Piece, ...]:
        before = await store.rows(manifest, number)
        block = await asyncio.to_thread(lambda: pack_block(folded(before, rows, told)))
        return await store.write(number, block)

    pieces = await _some_at_once([one(number, rows) for number, rows in parts.items()])
    return dict(zip(parts, pieces, strict=True))


async def _grow(store: AudienceStore, seen: Seen[Manifest | None], manifest: Manifest) -> None:
    """Cut every partition into several where they have become large. The old blocks wait for the next
    compaction."""
    count = partitions_for(manifest.size, len(manifest.blocks))
    if count == len(manifest.blocks):
        return

    async def one(number: int) -> Mapping[int, tuple[Piece, ...]]:
        rows = await store.rows(manifest, number)
        parts = await asyncio.to_thread(split, rows, count)
        return {
            child: await store.write(child, await asyncio.to_thread(pack_block, part))
            for child, part in parts.items()
        }

    written = await _some_at_once([one(number) for number in range(len(manifest.blocks))])
    blocks = {child: pieces for each in written for child, pieces in each.items()}
    await store.switch(
        seen, replace(manifest, blocks=tuple(blocks.get(number, ()) for number in range(count)))
    )


async def _some_at_once(work: Sequence[Awaitable[T]]) -> list[T]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(each: Awaitable[T]) -> T:
        async with turn:
            return await each

    tasks = [asyncio.ensure_future(one(each)) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
