"""Receipts wait a moment for their rows, and no longer."""

import pytest

from crm.delivery.usecases.await_rows import PAUSES, await_rows
from tests.receipts import receipt, row, write

pytestmark = pytest.mark.emulator


async def test_the_wait_ends_when_the_rows_are_there(project: str) -> None:
    book = await write(project, [row(0)])
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            await write(project, [row(1)])

    await await_rows(book, [receipt(row(0)), receipt(row(1))], sleep)

    assert slept == list(PAUSES[:2])
    await await_rows(book, [receipt(row(0)), receipt(row(1))], sleep)
    assert len(slept) == 2


async def test_what_never_gets_a_row_is_waited_for_once(project: str) -> None:
    book = await write(project, [])
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await await_rows(book, [receipt("not one of ours"), receipt("../x")], sleep)
    assert slept == []
    await await_rows(book, [receipt(row(1))], sleep)
    assert slept == list(PAUSES)
