"""Rebuild the audience's blocks from the customers and orders themselves.

Safe during writes: later changes are in the change log, which readers apply from before the rebuild on. Of
two versions of a row the higher counts.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from crm.audience.engine.blocks import pack_block
from crm.audience.engine.tables import Tables
from crm.audience.projection.manifest import Manifest, Piece, partitions_for
from crm.audience.projection.partitions import split
from crm.audience.usecases.compact import AudienceStore
from crm.kernel.errors import Conflict

CUSTOMER_SIZE = 80
ORDER_SIZE = 30
"""Approximate bytes of a row in a block, to choose the number of partitions."""


class AudienceSource(Protocol):
    """The customers and orders themselves. Every call raises Unavailable."""

    async def everything(self) -> Tables:
        """All of them."""

    async def partition(self, partition: int, count: int) -> Tables:
        """The customers of one partition, and their orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """Replace every block by one made of the customers and orders themselves."""

    store: AudienceStore
    source: AudienceSource

    async def __call__(self) -> Manifest:
        """The new manifest. Raises Conflict where a compaction is under way or was faster, Unavailable."""
        if not await self.store.lease():
            raise Conflict("A compaction is under way. Try again in some minutes.")
        try:
            seen = await self.store.manifest()
            settled = await self.store.settled()  # before the first row is read: later changes are in the log
            tables = await self.source.everything()
            size = CUSTOMER_SIZE * tables.customers.height + ORDER_SIZE * tables.orders.height
            count = partitions_for(size, len(seen.row.blocks) if seen.row else 1)
            blocks: list[tuple[Piece, ...]] = [()] * count
            for number, rows in (await asyncio.to_thread(split, tables, count)).items():
                blocks[number] = await self.store.write(number, await asyncio.to_thread(pack_block, rows))
            manifest = Manifest(
                epoch=self.store.new_epoch(), folded=settled, trimmed=settled, blocks=tuple(blocks)
            )
            await self.store.clear(await self.store.switch(seen, manifest))
            return manifest
        finally:
            await self.store.release()
