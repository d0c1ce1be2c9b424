"""Counters and rows of one moment, and a correction that is applied once."""

from dataclasses import replace

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.store import counters
from crm.delivery.usecases.apply_receipts import apply_receipts
from crm.kernel.errors import Conflict
from crm.platform.firestore.client import client
from crm.supervision.reconciliation import Progress
from crm.supervision.store.supervision import FirestoreCounts, FirestoreProgress, sliced
from tests.builders import NOON
from tests.receipts import CAMPAIGN, counts, receipt, row, write

pytestmark = pytest.mark.emulator

LACKING = {1: {"all": Counts(accepted=2), "odd": Counts(accepted=2)}}


async def test_rows_and_counters_are_those_of_the_moment_whatever_comes_after(project: str) -> None:
    rows = [row(n) for n in range(4)]
    receipts = await write(project, rows)
    book = FirestoreCounts(client(project))
    moment = await book.moment(CAMPAIGN)
    await apply_receipts(receipts, [receipt(rows[0], "failed")])
    assert {each.status for each in await book.rows("c1", moment)} == {"accepted"}
    assert (await book.counted("c1", moment))["accepted"] == 4
    later = await book.moment(CAMPAIGN)
    assert (await book.counted("c1", later))["failed"] == 1
    assert later.total == Counts(accepted=-1, failed=1)


async def test_a_large_campaign_is_counted_in_slices_of_its_ids(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["0" * 32, "55555555" + "0" * 24, "55555554" + "f" * 24, "a" * 32, "f" * 32]
    rows = [row(n, message_id=name) for n, name in enumerate(names)]
    receipts = await write(project, [*rows, row(9, message_id="1" * 32, campaign_id="c2")])
    await apply_receipts(receipts, [receipt(rows[1], "failed"), receipt(rows[4], "failed")])
    book = FirestoreCounts(client(project))
    moment = replace(await book.moment(CAMPAIGN), counters={0: {"all": Counts(accepted=3, failed=2)}})
    for size in (5, 2, 1):  # 2, 3 and 6 slices
        monkeypatch.setattr("crm.supervision.store.supervision.SLICE", size)
        counted = await book.counted("c1", moment)
        assert (counted["accepted"], counted["failed"], sum(counted.values())) == (3, 2, 5), size


def test_slices_lie_side_by_side() -> None:
    assert sliced(1) == [(None, None)]
    assert sliced(3) == [(None, "55555555"), ("55555555", "aaaaaaaa"), ("aaaaaaaa", None)]


async def test_rows_come_page_by_page(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.supervision.store.supervision.PAGE", 3)
    await write(project, [row(n) for n in range(4)] + [row(9, message_id="f" * 32, campaign_id="c2")])
    book = FirestoreCounts(client(project))
    moment = await book.moment(CAMPAIGN)
    first = await book.rows("c1", moment)
    second = await book.rows("c1", moment, first[-1].message_id)
    assert (len(first), len(second)) == (3, 1)
    assert await book.rows("c1", moment, second[-1].message_id) == []


async def test_of_two_corrections_from_one_reading_one_is_applied(project: str) -> None:
    book = FirestoreCounts(client(project))
    for turn in (1, 2):  # the first correction of a campaign, and a later one
        moment = await book.moment(CAMPAIGN)
        await book.apply_correction("c1", moment, LACKING, NOON)
        with pytest.raises(Conflict):
            await book.apply_correction("c1", moment, LACKING, NOON)
        assert (await counts(project))["all"] == Counts(accepted=2 * turn)


async def test_a_shard_that_does_not_exist_yet_counts_nothing(project: str) -> None:
    database = client(project)
    batch = database.batch()
    counters.add(database, batch, "c1", 1, {"all": Counts(failed=1)})
    await batch.commit()
    assert (await FirestoreCounts(database).moment(CAMPAIGN)).counters == {1: {"all": Counts(failed=1)}}


async def test_progress_is_kept_by_campaign(project: str) -> None:
    book = FirestoreProgress(client(project))
    progress = Progress(pending=1, accepted=2, since=NOON, checked_at=NOON)
    await book.write("c1", progress)
    await book.write("c2", replace(progress, alarmed=True))
    assert await book.read(["c1", "c2", "c3"]) == {"c1": progress, "c2": replace(progress, alarmed=True)}
    assert await book.read([]) == {}
