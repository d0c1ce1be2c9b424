"""Receipts wait briefly for their rows."""

from crm.delivery.log import LogRow
from crm.delivery.usecases.await_rows import PAUSES, AwaitRows
from tests.delivery.in_memory import InMemoryWorld
from tests.receipts import receipt, row


def store(world: InMemoryWorld, *rows: LogRow) -> None:
    for each in rows:
        world.db.put(world.db.rows, each.message_id, each)
    world.db.committed()


async def test_the_wait_ends_when_the_rows_are_there(world: InMemoryWorld) -> None:
    store(world, row(0))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            store(world, row(1))

    await_rows = AwaitRows(receipts=world.wired.receipts, sleep=sleep)
    await await_rows([receipt(row(0)), receipt(row(1))])
    assert slept == list(PAUSES[:2])
    await await_rows([receipt(row(0)), receipt(row(1))])
    assert len(slept) == 2


async def test_a_row_that_never_comes_is_awaited_once(world: InMemoryWorld) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await_rows = AwaitRows(receipts=world.wired.receipts, sleep=sleep)
    await await_rows([receipt("not one of ours"), receipt("../x")])
    assert slept == []
    await await_rows([receipt(row(1))])
    assert slept == list(PAUSES)
