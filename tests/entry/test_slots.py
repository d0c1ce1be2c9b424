"""Slots that blocks wait for, but not for long."""

import asyncio

import pytest

from crm.entry.slots import Slots
from crm.kernel.errors import Unavailable


async def test_blocks_wait_for_their_turn() -> None:
    slots, running, most = Slots(2, 30, "busy"), 0, 0

    async def work() -> None:
        nonlocal running, most
        async with slots.one():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1

    await asyncio.gather(*(work() for _ in range(10)))
    assert most == 2


@pytest.mark.parametrize("patience", [0, 0.01])
async def test_who_waits_in_vain_is_asked_to_come_again(patience: float) -> None:
    slots = Slots(1, patience, "busy")
    async with slots.one():
        with pytest.raises(Unavailable, match="busy") as refused:
            async with slots.one():
                pass
        assert refused.value.retry_after > 0
    async with slots.one():  # it is free again
        pass


async def test_a_block_that_fails_leaves_its_slot() -> None:
    slots = Slots(1, 0, "busy")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with slots.one():
                raise ZeroDivisionError
