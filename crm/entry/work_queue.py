"""Work that keeps the processor busy while somebody waits for it: a little at a time, and never for nobody.

Who types a rule gives up one question with the next. A question that waits for its turn meanwhile would be
answered to nobody, and would make everyone behind it wait.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")


class WorkQueue:
    """At most `at_once` pieces of work at the same time, in threads, so that the event loop stays free."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def take(self, request: Request, work: Callable[[], T]) -> T:
        """Do the work when its turn comes. Raises ClientDisconnect where nobody waits for it any more."""
        async with self._free:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await asyncio.to_thread(work)
