"""Concurrent calls share work and get their own results."""

import asyncio
from contextvars import ContextVar

import pytest

from crm.entry.batching import Batcher, ShardedBatcher, shared
from crm.kernel.errors import Unavailable
from crm.platform import tracing


class Work:
    """Doubles numbers; records each batch; fails 13 alone and every batch with 666."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.running = 0
        self.most_running = 0

    async def __call__(self, items: list[int]) -> list[int | Exception]:
        self.batches.append(items)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        if 666 in items:
            raise RuntimeError("the whole batch")
        return [ValueError("thirteen") if item == 13 else item * 2 for item in items]


async def test_concurrent_items_share_one_batch_and_get_their_own_result() -> None:
    work = Work()
    batcher: Batcher[int, int] = Batcher(work, 0.002, 100)

    assert await asyncio.gather(*map(batcher.submit, range(10))) == [n * 2 for n in range(10)]
    assert work.batches == [list(range(10))]


async def test_an_error_of_one_item_is_raised_to_its_caller_only() -> None:
    batcher: Batcher[int, int] = Batcher(Work(), 0.002, 100)

    good, bad = await asyncio.gather(batcher.submit(1), batcher.submit(13), return_exceptions=True)

    assert good == 2
    assert isinstance(bad, ValueError)


async def test_a_failed_batch_fails_all_its_callers_and_the_next_succeeds() -> None:
    batcher: Batcher[int, int] = Batcher(Work(), 0.002, 100)

    results = await asyncio.gather(batcher.submit(1), batcher.submit(666), return_exceptions=True)

    assert [type(result) for result in results] == [RuntimeError, RuntimeError]
    assert await batcher.submit(2) == 4


async def test_a_batch_stays_below_the_weight_limit_and_a_heavy_item_is_alone() -> None:
    work = Work()
    batcher: Batcher[int, int] = Batcher(work, 0.002, 10, weight=lambda item: item)

    await asyncio.gather(*map(batcher.submit, [4, 6, 1, 50, 2]))

    assert work.batches == [[4, 6], [1], [50], [2]]


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_no_more_batches_run_concurrently_than_allowed(concurrency: int) -> None:
    work = Work()
    batcher: Batcher[int, int] = Batcher(work, 0, 1, concurrency=concurrency)

    await asyncio.gather(*map(batcher.submit, range(6)))

    assert work.most_running == concurrency


async def test_items_that_arrive_during_a_batch_form_the_next() -> None:
    work = Work()
    batcher: Batcher[int, int] = Batcher(work, 0, 100)
    first = asyncio.create_task(batcher.submit(1))
    await asyncio.sleep(0.005)

    await asyncio.gather(first, batcher.submit(2), batcher.submit(3))

    assert work.batches == [[1], [2, 3]]


async def test_a_cancelled_caller_does_not_affect_others() -> None:
    batcher: Batcher[int, int] = Batcher(Work(), 0.002, 100)
    gone = asyncio.create_task(batcher.submit(1))
    stays = asyncio.create_task(batcher.submit(2))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == 4


async def test_shared_work_runs_once_for_all_and_again_for_each_if_one_is_poisoned() -> None:
    done: list[list[int]] = []

    async def work(items: list[int]) -> None:
        done.append(items)
        if 13 in items:
            raise ValueError("thirteen")

    batcher = shared(work, 2, 100)
    await asyncio.gather(batcher.submit([1, 2]), batcher.submit([3]))
    results = await asyncio.gather(batcher.submit([4]), batcher.submit([13]), return_exceptions=True)

    assert done == [[1, 2, 3], [4, 13], [4], [13]]
    assert results[0] is None
    assert isinstance(results[1], ValueError)


async def test_shared_work_is_not_repeated_where_a_dependency_is_unavailable() -> None:
    calls = 0

    async def work(_: list[int]) -> None:
        nonlocal calls
        calls += 1
        raise Unavailable("away")

    batcher = shared(work, 2, 100)
    results = await asyncio.gather(batcher.submit([1]), batcher.submit([2]), return_exceptions=True)

    assert calls == 1
    assert [type(result) for result in results] == [Unavailable, Unavailable]


async def test_items_of_one_key_never_run_concurrently_and_others_do() -> None:
    at_work: list[int] = []
    together: set[int] = set()

    async def work(numbers: list[int]) -> None:
        assert not {number % 2 for number in numbers} & {number % 2 for number in at_work}
        at_work.extend(numbers)
        together.add(len({number % 2 for number in at_work}))
        await asyncio.sleep(0.01)
        for number in numbers:
            at_work.remove(number)

    sharded = ShardedBatcher([shared(work, 0, 100, concurrency=1) for _ in range(2)], lambda number: number)

    await asyncio.gather(*(sharded.submit([n, n + 1]) for n in range(10)))
    assert 2 in together


async def test_a_failed_share_fails_its_caller_after_the_other_share_is_done() -> None:
    done: list[int] = []

    async def work(numbers: list[int]) -> None:
        if 13 in numbers:
            raise ValueError("thirteen")
        await asyncio.sleep(0.01)
        done.extend(numbers)

    sharded = ShardedBatcher([shared(work, 0, 100, concurrency=1) for _ in range(2)], lambda number: number)

    with pytest.raises(ValueError, match="thirteen"):
        await sharded.submit([13, 2])
    assert done == [2]


async def test_a_batch_is_handled_in_the_context_of_its_first_caller() -> None:
    trace: ContextVar[str] = ContextVar("trace", default="")
    seen: list[str] = []

    async def handle(items: list[int]) -> list[int | Exception]:
        seen.append(trace.get())
        await asyncio.sleep(0.01)
        return list(items)

    batcher: Batcher[int, int] = Batcher(handle, 0, 1)

    async def call(name: str) -> None:
        trace.set(name)
        await batcher.submit(1)

    await asyncio.gather(*map(call, ["one", "two", "three"]))
    assert seen == ["one", "two", "three"]


async def test_a_batch_is_handled_in_the_context_of_a_sampled_caller() -> None:
    seen: list[tracing.Trace | None] = []

    async def handle(items: list[int]) -> list[int | Exception]:
        seen.append(tracing.current())
        return list(items)

    batcher: Batcher[int, int] = Batcher(handle, 0.002, 100)
    traces = [tracing.new(), tracing.Trace("4" * 32, "2" * 16, is_sampled=True), tracing.new()]

    async def call(trace: tracing.Trace) -> None:
        tracing.follow(trace)
        await batcher.submit(1)

    await asyncio.gather(*map(call, traces))
    assert seen == [traces[1]]
