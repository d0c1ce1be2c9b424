"""Receipts in Firestore: one commit for rows and counters, and unmatched receipts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.store.campaigns import COLLECTION, Campaigns
from crm.customers.customer_key import customer_key
from crm.delivery.receipts import Receipt, joined
from crm.delivery.row_changes import RowChange
from crm.delivery.store.receipts import UNMATCHED, FirestoreReceipts
from crm.delivery.unmatched_receipts import QUARANTINE_AFTER
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.delivery.usecases.join_unmatched import JoinUnmatched
from crm.delivery.usecases.join_waiting import JoinWaiting
from crm.kernel.errors import Conflict
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.platform.jitter import pause
from tests.builders import NOON
from tests.campaigns.stored import stored_as
from tests.receipts import CAMPAIGN, counts, receipt, row, row_now, write

pytestmark = pytest.mark.emulator


async def apply_receipts(store: FirestoreReceipts, receipts: Sequence[Receipt]) -> None:
    await ApplyReceipts(receipts=store, pause=pause)(receipts)


async def join_waiting(store: FirestoreReceipts, now: datetime) -> int:
    return await JoinWaiting(receipts=store, join_unmatched=JoinUnmatched(receipts=store, pause=pause))(now)


async def test_rows_and_counters_move_in_one_commit(project: str) -> None:
    rows = [row(number) for number in range(4)]
    store = await write(project, rows)
    await apply_receipts(
        store,
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


async def test_a_row_changed_in_between_fails_the_whole_commit(project: str) -> None:
    rows = [row(number) for number in range(2)]
    store = await write(project, rows)
    seen = await store.rows([one.message_id for one in rows])
    await apply_receipts(store, [receipt(rows[1])])
    stale = [RowChange(s, joined(s.row, receipt(s.row, "failed"))) for s in seen.values()]
    with pytest.raises(Conflict):
        await store.commit(changes=stale, unmatched=[receipt("f" * 32)])
    assert await row_now(project, rows[0]) == rows[0]
    assert await store.unmatched(["f" * 32]) == []
    assert (await counts(project))["all"] == Counts(accepted=-1, delivered=1)


async def test_competing_workers_lose_nothing_and_count_once(project: str) -> None:
    rows = [row(number) for number in range(10)]
    store = await write(project, rows)
    reports = [[receipt(one, status) for one in rows] for status in ("delivered", "opened", "failed")]
    await asyncio.gather(*(apply_receipts(store, report) for report in reports + reports))
    found = await store.rows([one.message_id for one in rows])
    assert {(s.row.status, s.row.opened_at is not None) for s in found.values()} == {("failed", True)}
    assert (await counts(project))["all"] == Counts(accepted=-10, failed=10)


async def test_unmatched_receipts_wait_and_are_joined(project: str) -> None:
    store = await write(project, [])
    late, missing = row(1), row(2)
    for _ in range(2):
        await apply_receipts(store, [receipt(late), receipt(late, "opened"), receipt(missing)])
    (kept,) = await store.unmatched([late.message_id])
    assert [one.status for one in kept.receipts] == ["delivered", "opened"]
    await write(project, [late])
    assert await join_waiting(store, datetime.now(UTC)) == 1
    assert (await row_now(project, late)).status == "delivered"
    assert (await counts(project))["all"] == Counts(accepted=-1, delivered=1, opened=1)
    assert await store.waiting(10) == [missing.message_id]


async def test_a_receipt_that_comes_during_the_join_is_not_lost(project: str) -> None:
    store = await write(project, [])
    late = row(1)
    await apply_receipts(store, [receipt(late)])
    entries = await store.unmatched([late.message_id])
    await apply_receipts(store, [receipt(late, "clicked")])
    with pytest.raises(Conflict):
        await store.commit(joined=entries)
    (kept,) = await store.unmatched([late.message_id])
    assert [one.status for one in kept.receipts] == ["delivered", "clicked"]


async def test_receipts_in_quarantine_are_looked_at_again(project: str) -> None:
    store = await write(project, [])
    late = row(1)
    await apply_receipts(store, [receipt(late)])
    tomorrow = datetime.now(UTC) + QUARANTINE_AFTER + timedelta(minutes=1)
    assert await join_waiting(store, tomorrow) == 0
    assert await store.waiting(10) == []
    await write(project, [late])
    assert await store.due_in_quarantine(tomorrow + QUARANTINE_AFTER, 10) == []
    assert await store.due_in_quarantine(tomorrow + QUARANTINE_AFTER * 1.1, 10) == [late.message_id]
    assert await join_waiting(store, tomorrow + QUARANTINE_AFTER * 1.1) == 1
    assert await store.due_in_quarantine(tomorrow + QUARANTINE_AFTER * 9, 10) == []
    assert (await row_now(project, late)).status == "delivered"


async def test_every_waiting_message_gets_its_turn(project: str) -> None:
    store = await write(project, [])
    names = {digit * 32 for digit in "0123456789abcdef"}
    await apply_receipts(store, [receipt(name) for name in names])
    seen: set[str] = set()
    for _ in range(60):
        found = await store.waiting(4)
        assert len(set(found)) == 4
        seen.update(found)
    assert seen == names


@pytest.mark.parametrize("name", ["a/b/c", "..", "__x__", "C-1", "é" * 128, "A" * 32])
async def test_an_id_that_is_not_ours_is_kept_in_quarantine(project: str, name: str) -> None:
    store = await write(project, [row(1)])
    await apply_receipts(store, [receipt(name), receipt(row(1))])
    (kept,) = await store.unmatched([name])
    # It may be an address: a keyed hash takes its place.
    assert (kept.message_id, kept.receipts, kept.quarantined) == (
        customer_key(name),
        (receipt(customer_key(name)),),
        True,
    )
    assert await store.waiting(10) == []
    assert (await row_now(project, row(1))).status == "delivered"
    assert len([d async for d in client(project).collection(UNMATCHED).list_documents()]) == 1


async def test_a_receipt_reopens_a_campaign_whose_watch_the_tick_ends_meanwhile(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = row(1, status="unknown")
    store = await write(project, [unknown])
    campaigns = Campaigns(client(project))
    await campaigns.create(replace(CAMPAIGN, status="needs_attention", finished_at=NOON))
    read = documents.get_many

    async def read_before_the_tick(*args: Any) -> Any:
        """Between what the receipt's worker reads and its commit the tick comes and goes."""
        found = await read(*args)
        if f"{COLLECTION}/c1" in found:
            monkeypatch.setattr(documents, "get_many", read)
            await stored_as(client(project), "c1", watch_ended=True)
        return found

    monkeypatch.setattr(documents, "get_many", read_before_the_tick)
    await apply_receipts(store, [receipt(unknown)])
    assert [campaign.campaign_id for campaign in await campaigns.needs_tick()] == ["c1"]
    reopened = await campaigns.get("c1")
    assert (reopened.watch_ended, reopened.reopen_count) == (False, 1)
