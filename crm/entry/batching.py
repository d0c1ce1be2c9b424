"""Concurrent calls that share one piece of work: a packed message, an atomic commit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Generic, TypeAlias, TypeVar

from crm.kernel.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")

_Item: TypeAlias = tuple[T, "asyncio.Future[R]", Context]
"""What was submitted, where its result goes, and what its caller's log lines name."""


def _one(_: object) -> int:
    return 1


class Batcher(Generic[T, R]):
    """Gathers what concurrent callers submit and handles it together; each waits for its own result.

    The first item waits `window` seconds for company. Items that come while `concurrency` groups are being
    handled form the next group, so groups grow with the load. A group weighs at most `limit`, except that one
    item always fits; an item weighs 1 unless `weight` says otherwise.

    A group is handled in the context of the first of its callers, whose trace what is logged then names.
    """

    def __init__(
        self,
        handle: Callable[[list[T]], Awaitable[list[R | Exception]]],
        window: float,
        limit: int,
        *,
        weight: Callable[[T], int] = _one,
        concurrency: int = 1,
    ) -> None:
        self._handle = handle
        self._window = window
        self._limit = limit
        self._weight = weight
        self._free = concurrency
        self._waiting: deque[_Item[T, R]] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def submit(self, item: T) -> R:
        """The result for `item`. Raises what `handle` gave for it, or what `handle` raised for the group."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future, copy_context()))
        if self._free:
            self._free -= 1
            lane = asyncio.create_task(self._run())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await future

    async def _run(self) -> None:
        try:
            await asyncio.sleep(self._window)
            while group := self._next_group():
                await self._settle(group)
        finally:
            self._free += 1

    def _next_group(self) -> "list[_Item[T, R]]":
        group: list[_Item[T, R]] = []
        total = 0
        while self._waiting:
            total += self._weight(self._waiting[0][0])
            if group and total > self._limit:
                break
            group.append(self._waiting.popleft())
        return group

    async def _settle(self, group: "list[_Item[T, R]]") -> None:
        async def handle() -> list[R | Exception]:
            return await self._handle([item for item, _, _ in group])

        results: list[R | Exception]
        _, _, context = group[0]
        try:
            results = await asyncio.create_task(handle(), context=context)
        except Exception as error:
            results = [error] * len(group)
        for (_, future, _), result in zip(group, results, strict=True):
            if future.done():  # its caller went away
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)


class ShardedBatcher(Generic[T]):
    """Several groupers; of what a caller submits each gets its share, and things of one key the same one."""

    def __init__(self, ways: Sequence[Batcher[Sequence[T], None]], key: Callable[[T], int]) -> None:
        self._ways = ways
        self._key = key

    async def submit(self, things: Sequence[T]) -> None:
        """Return when all are done. Raises what one of the groupers raised, after the others have ended."""
        shares: dict[int, list[T]] = {}
        for thing in things:
            shares.setdefault(self._key(thing) % len(self._ways), []).append(thing)
        work = (self._ways[way].submit(share) for way, share in shares.items())
        for result in await asyncio.gather(*work, return_exceptions=True):
            if result is not None:
                raise result


def shared(
    work: Callable[[list[T]], Awaitable[None]], window_ms: int, limit: int, concurrency: int = 2
) -> Batcher[Sequence[T], None]:
    """A grouper that does `work` once for about `limit` things of concurrent callers; each submits several.

    Where that fails, and not for want of a dependency, it is done again for each caller: a poisoned one stops
    no other.
    """

    async def together(group: list[Sequence[T]]) -> list[Exception | None]:
        try:
            await work([thing for things in group for thing in things])
        except Unavailable:
            raise
        except Exception as error:
            return [error] if len(group) == 1 else [await alone(things) for things in group]
        return [None] * len(group)

    async def alone(things: Sequence[T]) -> Exception | None:
        try:
            await work(list(things))
        except Exception as error:
            return error
        return None

    return Batcher(together, window_ms / 1000, limit, weight=len, concurrency=concurrency)
