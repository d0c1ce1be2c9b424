import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crm.campaigns.campaign import Counts
from crm.delivery.receipts import RowChange, joined
from crm.delivery.store.receipts import EARLY
from crm.delivery.usecases.apply_receipts import PATIENCE, apply_receipts, join_early
from crm.kernel.errors import Conflict
from crm.platform.firestore.client import client
from tests.builders import NOON
from tests.receipts import counts, receipt, row, row_now, write

pytestmark = pytest.mark.emulator


async def test_rows_and_counters_move_in_one_commit(project: str) -> None:
    rows = [row(number) for number in range(4)]
    book = await write(project, rows)
    await apply_receipts(
        book,
        [receipt(rows[0]), receipt(rows[1], "failed", reason="full"), receipt(rows[3], "opened")],
    )
    assert await row_now(project, rows[0]) == joined(rows[0], receipt(rows[0]))
    assert (await row_now(project, rows[1])).reason == "full"
    assert (await row_now(project, rows[3])).opened_at == NOON + timedelta(seconds=5)
    assert await row_now(project, rows[2]) == rows[2]
    assert await counts(project) == {
        "all": Counts(accepted=-3, delivered=2, failed=1, opened=1),
        "odd": Counts(accepted=-2, delivered=1, failed=1, opened=1),
    }


async def test_a_row_changed_in_between_fails_the_commit_whole(project: str) -> None:
    rows = [row(number) for number in range(2)]
    book = await write(project, rows)
    seen = await book.rows([one.message_id for one in rows])
    await apply_receipts(book, [receipt(rows[1])])
    stale = [RowChange(s, joined(s.row, receipt(s.row, "failed"))) for s in seen.values()]
    with pytest.raises(Conflict):
        await book.commit(changes=stale, early=[receipt("f" * 32)])
    assert await row_now(project, rows[0]) == rows[0]
    assert await book.early(["f" * 32]) == []
    assert (await counts(project))["all"] == Counts(accepted=-1, delivered=1)


async def test_competing_workers_lose_nothing_and_count_once(project: str) -> None:
    rows = [row(number) for number in range(10)]
    book = await write(project, rows)
    reports = [[receipt(one, status) for one in rows] for status in ("delivered", "opened", "failed")]
    await asyncio.gather(*(apply_receipts(book, report) for report in reports + reports))
    found = await book.rows([one.message_id for one in rows])
    assert {(s.row.status, s.row.opened_at is not None) for s in found.values()} == {("failed", True)}
    assert (await counts(project))["all"] == Counts(accepted=-10, failed=10)


async def test_a_receipt_before_its_row_waits_and_is_joined(project: str) -> None:
    book = await write(project, [])
    late, missing = row(1), row(2)
    for _ in range(2):
        await apply_receipts(book, [receipt(late), receipt(late, "opened"), receipt(missing)])
    (kept,) = await book.early([late.message_id])
    assert [one.status for one in kept.receipts] == ["delivered", "opened"]
    await write(project, [late])
    assert await join_early(book, 10, datetime.now(UTC)) == 1
    assert (await row_now(project, late)).status == "delivered"
    assert (await counts(project))["all"] == Counts(accepted=-1, delivered=1, opened=1)
    assert await book.waiting(10) == [missing.message_id]


async def test_a_receipt_that_comes_while_its_row_is_joined_is_not_lost(project: str) -> None:
    book = await write(project, [])
    late = row(1)
    await apply_receipts(book, [receipt(late)])
    entries = await book.early([late.message_id])
    await apply_receipts(book, [receipt(late, "clicked")])
    with pytest.raises(Conflict):
        await book.commit(joined=entries)
    (kept,) = await book.early([late.message_id])
    assert [one.status for one in kept.receipts] == ["delivered", "clicked"]


async def test_quarantine_keeps_what_never_found_its_row(project: str) -> None:
    book = await write(project, [])
    late = row(1)
    await apply_receipts(book, [receipt(late)])
    tomorrow = datetime.now(UTC) + PATIENCE + timedelta(minutes=1)
    assert await join_early(book, 10, tomorrow) == 0
    assert await book.waiting(10) == []
    await write(project, [late])
    assert await book.to_look_at(tomorrow + PATIENCE, 10) == []
    assert await book.to_look_at(tomorrow + PATIENCE * 1.1, 10) == [late.message_id]
    assert await join_early(book, 10, tomorrow + PATIENCE * 1.1) == 1
    assert await book.to_look_at(tomorrow + PATIENCE * 9, 10) == []
    assert (await row_now(project, late)).status == "delivered"


async def test_each_that_waits_has_its_turn(project: str) -> None:
    book = await write(project, [])
    names = {digit * 32 for digit in "0123456789abcdef"}
    await apply_receipts(book, [receipt(name) for name in names])
    seen: set[str] = set()
    for _ in range(60):
        found = await book.waiting(4)
        assert len(set(found)) == 4
        seen.update(found)
    assert seen == names


@pytest.mark.parametrize("name", ["a/b/c", "..", "__x__", "C-1", "é" * 128, "A" * 32])
async def test_an_id_that_is_not_ours_is_kept_in_quarantine(project: str, name: str) -> None:
    book = await write(project, [row(1)])
    await apply_receipts(book, [receipt(name), receipt(row(1))])
    (kept,) = await book.early([name])
    assert (kept.message_id, kept.receipts, kept.quarantined) == (name, (receipt(name),), True)
    assert await book.waiting(10) == []
    assert (await row_now(project, row(1))).status == "delivered"
    assert len([d async for d in client(project).collection(EARLY).list_documents()]) == 1
