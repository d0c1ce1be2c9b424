"""Make the audience's blocks anew from the customers and orders themselves: all of them, or one partition.

It is safe while others write. What they change meanwhile is in the change log, which readers read on from
before the rebuild began; of two versions of a row the higher counts.
"""

import asyncio
from typing import Protocol
from uuid import uuid4

from crm.audience.engine.blocks import pack_block
from crm.audience.engine.tables import Tables
from crm.audience.projection.manifest import Manifest, Piece, partitions_for
from crm.audience.projection.partitions import split
from crm.audience.usecases.compact import AudienceStore
from crm.kernel.errors import Conflict

CUSTOMER_SIZE = 80
ORDER_SIZE = 30
"""Bytes of a row in a block, about: enough to choose how many partitions there are."""


class AudienceSource(Protocol):
    """The customers and orders, which are the truth. Raises Unavailable."""

    async def everything(self) -> Tables:
        """All of them."""

    async def partition(self, partition: int, count: int) -> Tables:
        """The customers of one partition, and their orders."""


async def rebuild(store: AudienceStore, source: AudienceSource) -> Manifest:
    """Replace every block. Raises Conflict where a compaction is under way or was faster, Unavailable."""
    if not await store.lease():
        raise Conflict("A compaction is under way. Try again in some minutes.")
    try:
        seen = await store.manifest()
        settled = await store.settled()  # before the first row is read: what comes later is in the log
        tables = await source.everything()
        size = CUSTOMER_SIZE * tables.customers.height + ORDER_SIZE * tables.orders.height
        count = partitions_for(size, len(seen.row.blocks) if seen.row else 1)
        blocks: list[tuple[Piece, ...]] = [()] * count
        for number, rows in (await asyncio.to_thread(split, tables, count)).items():
            blocks[number] = await store.write(number, await asyncio.to_thread(pack_block, rows))
        manifest = Manifest(epoch=uuid4().hex, folded=settled, trimmed=settled, blocks=tuple(blocks))
        await store.clear(await store.switch(seen, manifest))
        return manifest
    finally:
        await store.release()


async def repair(store: AudienceStore, source: AudienceSource, partition: int) -> None:
    """Replace the block of one partition. Raises Conflict where the manifest has moved, Unavailable."""
    seen = await store.manifest()
    if seen.row is None:
        raise Conflict("There is no manifest any more.")
    rows = await source.partition(partition, len(seen.row.blocks))
    pieces = await store.write(partition, await asyncio.to_thread(pack_block, rows))
    await store.switch(seen, seen.row.with_blocks({partition: pieces}))
