"""Bounds how many calls do something at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crm.kernel.errors import Unavailable

RETRY_AFTER = 10
"""Seconds after which who got no slot may ask again."""


class Slots:
    """Lets a few blocks run concurrently. Others wait for their turn, but not for long."""

    def __init__(self, count: int, patience: float, refusal: str) -> None:
        """`patience` in seconds; `refusal` is the sentence for those who wait in vain."""
        self._free = asyncio.Semaphore(count)
        self._patience = patience
        self._refusal = refusal

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot during the block. Raises Unavailable where none becomes free in time."""
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(self._refusal, RETRY_AFTER) from None
        try:
            yield
        finally:
            self._free.release()
