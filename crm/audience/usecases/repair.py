"""Repair a damaged partition: make its block again from its customers and orders."""

import asyncio
from dataclasses import dataclass

from crm.audience.engine.blocks import pack_block
from crm.audience.usecases.compact import AudienceStore
from crm.audience.usecases.rebuild import AudienceSource
from crm.kernel.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Replace the block of one partition."""

    store: AudienceStore
    source: AudienceSource

    async def __call__(self, partition: int) -> None:
        """Raises Conflict where the manifest has changed meanwhile, Unavailable."""
        seen = await self.store.manifest()
        if seen.row is None:
            raise Conflict("There is no manifest any more.")
        rows = await self.source.partition(partition, len(seen.row.blocks))
        pieces = await self.store.write(partition, await asyncio.to_thread(pack_block, rows))
        await self.store.switch(seen, seen.row.with_blocks({partition: pieces}))
