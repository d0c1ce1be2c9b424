"""Work by turns: nobody waits for the end of somebody else's."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm.kernel.errors import Unavailable
from crm.platform.worker import Worker

PATIENT = timedelta(seconds=30)


def spinning(seen: list[str], name: str, times: int) -> Iterator[str]:
    """Items that take some milliseconds of the processor each."""
    for number in range(times):
        sum(range(100_000))
        seen.append(name)
        yield f"{name}{number}"


async def test_all_items_come_in_order() -> None:
    worker = Worker(PATIENT)
    assert await worker(iter(range(1_000))) == list(range(1_000))
    assert await worker(iter(())) == []


async def test_a_short_piece_of_work_does_not_wait_for_a_long_one() -> None:
    worker, seen = Worker(PATIENT), list[str]()
    long = asyncio.create_task(worker(spinning(seen, "long", 300)))
    await asyncio.sleep(0.05)
    assert await worker(spinning(seen, "short", 3)) == ["short0", "short1", "short2"]
    assert len(seen) < 200
    assert len(await long) == 300


async def test_work_is_done_off_the_event_loop() -> None:
    names = (threading.current_thread().name for _ in range(1))
    assert await Worker(PATIENT)(names) != [threading.current_thread().name]


async def test_an_error_of_an_item_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await Worker(PATIENT)(1 // number for number in (1, 0))


async def test_work_that_takes_too_long_is_given_up() -> None:
    seen: list[str] = []
    with pytest.raises(Unavailable):
        await Worker(timedelta(milliseconds=20))(spinning(seen, "endless", 100_000))
    assert len(seen) < 1_000
