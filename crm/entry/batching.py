"""Concurrent calls share one unit of work: a packed message, an atomic commit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Generic, NamedTuple, TypeVar

from crm.kernel.errors import Unavailable
from crm.platform import tracing

T = TypeVar("T")
R = TypeVar("R")


class _Submitted(NamedTuple, Generic[T, R]):
    item: T
    result: "asyncio.Future[R]"
    context: Context
    """The caller's context variables, such as the ids that its log lines carry."""


def _one(_: object) -> int:
    return 1


class Batcher(Generic[T, R]):
    """Collects items of concurrent callers and handles them in batches; each caller gets its own result.

    The first item waits `window` seconds for others. Items that arrive while `concurrency` batches are being
    handled form the next batch, so batches grow with the load. A batch weighs at most `limit`, except that a
    single item always fits; an item weighs 1 unless `weight` says otherwise.

    A batch runs in the context of one caller, a sampled one if there is any: what it logs and publishes
    belongs to that caller's trace.
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
        self._free_workers = concurrency
        self._waiting: deque[_Submitted[T, R]] = deque()
        self._workers: set[asyncio.Task[None]] = set()

    async def submit(self, item: T) -> R:
        """The result for `item`. Raises what `handle` returned for it, or what it raised for the batch."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Submitted(item, result, copy_context()))
        if self._free_workers:
            self._free_workers -= 1
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await result

    async def _work(self) -> None:
        try:
            await asyncio.sleep(self._window)
            while batch := self._next_batch():
                await self._settle(batch)
        finally:
            self._free_workers += 1

    def _next_batch(self) -> list[_Submitted[T, R]]:
        batch: list[_Submitted[T, R]] = []
        total = 0
        while self._waiting:
            total += self._weight(self._waiting[0].item)
            if batch and total > self._limit:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _settle(self, batch: list[_Submitted[T, R]]) -> None:
        async def handle() -> list[R | Exception]:
            return await self._handle([submitted.item for submitted in batch])

        results: list[R | Exception]
        try:
            results = await asyncio.create_task(handle(), context=_sampled(batch))
        except Exception as error:
            results = [error] * len(batch)
        for submitted, result in zip(batch, results, strict=True):
            if submitted.result.done():  # its caller was cancelled
                continue
            if isinstance(result, Exception):
                submitted.result.set_exception(result)
            else:
                submitted.result.set_result(result)


def _sampled(batch: Sequence[_Submitted[T, R]]) -> Context:
    contexts = [submitted.context for submitted in batch]
    return next(filter(tracing.is_sampled_in, contexts), contexts[0])


class ShardedBatcher(Generic[T]):
    """Spreads the items of each call over several batchers; items of the same key go to the same one."""

    def __init__(self, shards: Sequence[Batcher[Sequence[T], None]], key: Callable[[T], int]) -> None:
        self._shards = shards
        self._key = key

    async def submit(self, items: Sequence[T]) -> None:
        """Return when all are done. Raises the first error, after all shards have ended."""
        shares: dict[int, list[T]] = {}
        for item in items:
            shares.setdefault(self._key(item) % len(self._shards), []).append(item)
        work = (self._shards[shard].submit(share) for shard, share in shares.items())
        for result in await asyncio.gather(*work, return_exceptions=True):
            if result is not None:
                raise result


def shared(
    work: Callable[[list[T]], Awaitable[None]], window_ms: int, limit: int, concurrency: int = 2
) -> Batcher[Sequence[T], None]:
    """A batcher of calls that submit several items each: `work` runs once for about `limit` items.

    If it fails, and not because a dependency is unavailable, it runs again for each caller alone: a poisoned
    item fails only its own caller.
    """

    async def together(batch: list[Sequence[T]]) -> list[Exception | None]:
        try:
            await work([item for items in batch for item in items])
        except Unavailable:
            raise
        except Exception as error:
            return [error] if len(batch) == 1 else [await alone(items) for items in batch]
        return [None] * len(batch)

    async def alone(items: Sequence[T]) -> Exception | None:
        try:
            await work(list(items))
        except Exception as error:
            return error
        return None

    return Batcher(together, window_ms / 1000, limit, weight=len, concurrency=concurrency)
