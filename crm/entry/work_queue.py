"""Runs CPU-bound work of requests in a few threads, and skips requests that were abandoned.

While typing, a client abandons old previews. Skip those; they would only delay others.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")


class WorkQueue:
    """Runs at most `concurrency` functions concurrently, in threads: the event loop stays free."""

    def __init__(self, concurrency: int) -> None:
        self._free = asyncio.Semaphore(concurrency)

    async def run(self, request: Request, work: Callable[[], T]) -> T:
        """Call `work` in the next free thread. Raises ClientDisconnect if the client is gone by then."""
        async with self._free:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await asyncio.to_thread(work)
