"""Runs CPU-bound work of requests in a few threads, by turns of persons, and skips abandoned requests.

While typing, a client abandons old previews. Skip those; they would only delay others.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")


@dataclass(slots=True)
class _Turn:
    """One person's requests: one is worked on, or waits for a thread; the others wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    requests: int = 0


class WorkQueue:
    """Runs at most `concurrency` functions concurrently, in threads: the event loop stays free.

    One person has one of them at most. So whoever sends many requests delays another person's by one of them.
    """

    def __init__(self, concurrency: int) -> None:
        self._free = asyncio.Semaphore(concurrency)
        self._turns: dict[str, _Turn] = {}

    async def run(self, request: Request, person: str, work: Callable[[], T]) -> T:
        """Call `work` in a thread when it is the person's turn.

        Raises ClientDisconnect if the client is gone by then.
        """
        async with self._turn(person), self._free:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await asyncio.to_thread(work)

    @asynccontextmanager
    async def _turn(self, person: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(person, _Turn())
        turn.requests += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.requests -= 1
            if not turn.requests:
                del self._turns[person]
