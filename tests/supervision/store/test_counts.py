"""Counters and rows as of one read time, and corrections that are applied once."""

from dataclasses import replace

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.store import counters
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.kernel.errors import Conflict
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.platform.jitter import pause
from crm.supervision.store.counts import FirestoreCounts, sliced
from tests.builders import NOON
from tests.receipts import CAMPAIGN, counts, receipt, row, write

pytestmark = pytest.mark.emulator

MISSING = {1: {"all": Counts(accepted=2), "odd": Counts(accepted=2)}}


async def test_rows_and_counters_are_read_as_of_the_snapshot(project: str) -> None:
    rows = [row(n) for n in range(4)]
    receipts = await write(project, rows)
    store = FirestoreCounts(client(project))
    snapshot = await store.snapshot(CAMPAIGN)
    await ApplyReceipts(receipts=receipts, pause=pause)([receipt(rows[0], "failed")])
    assert {each.status for each in await store.rows("c1", snapshot)} == {"accepted"}
    assert (await store.row_counts("c1", snapshot))["accepted"] == 4
    later = await store.snapshot(CAMPAIGN)
    assert (await store.row_counts("c1", later))["failed"] == 1
    assert later.total == Counts(accepted=-1, failed=1)


async def test_a_large_campaign_is_counted_in_slices_of_its_ids(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["0" * 32, "55555555" + "0" * 24, "55555554" + "f" * 24, "a" * 32, "f" * 32]
    rows = [row(n, message_id=name) for n, name in enumerate(names)]
    receipts = await write(project, [*rows, row(9, message_id="1" * 32, campaign_id="c2")])
    apply_receipts = ApplyReceipts(receipts=receipts, pause=pause)
    await apply_receipts([receipt(rows[1], "failed"), receipt(rows[4], "failed")])
    store = FirestoreCounts(client(project))
    snapshot = replace(await store.snapshot(CAMPAIGN), counters={0: {"all": Counts(accepted=3, failed=2)}})
    for size in (5, 2, 1):  # 2, 3 and 6 slices
        monkeypatch.setattr("crm.supervision.store.counts.ROWS_PER_AGGREGATION", size)
        counted = await store.row_counts("c1", snapshot)
        assert (counted["accepted"], counted["failed"], sum(counted.values())) == (3, 2, 5), size


def test_slices_are_adjacent() -> None:
    assert sliced(1) == [(None, None)]
    assert sliced(3) == [(None, "55555555"), ("55555555", "aaaaaaaa"), ("aaaaaaaa", None)]


async def test_rows_are_read_page_by_page(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.supervision.store.counts.ROWS_PER_PAGE", 3)
    await write(project, [row(n) for n in range(4)] + [row(9, message_id="f" * 32, campaign_id="c2")])
    store = FirestoreCounts(client(project))
    snapshot = await store.snapshot(CAMPAIGN)
    first = await store.rows("c1", snapshot)
    second = await store.rows("c1", snapshot, first[-1].message_id)
    assert (len(first), len(second)) == (3, 1)
    assert await store.rows("c1", snapshot, second[-1].message_id) == []


async def test_of_two_corrections_from_one_snapshot_one_is_applied(project: str) -> None:
    store = FirestoreCounts(client(project))
    for turn in (1, 2):  # the first correction of a campaign, and a later one
        snapshot = await store.snapshot(CAMPAIGN)
        await store.apply_correction("c1", snapshot, MISSING, NOON)
        with pytest.raises(Conflict):
            await store.apply_correction("c1", snapshot, MISSING, NOON)
        assert (await counts(project))["all"] == Counts(accepted=2 * turn)


async def test_a_shard_that_does_not_exist_yet_counts_nothing(project: str) -> None:
    database = client(project)
    commit = Commit(database)
    counters.add(commit, "c1", 1, {"all": Counts(failed=1)})
    await commit.send()
    assert (await FirestoreCounts(database).snapshot(CAMPAIGN)).counters == {1: {"all": Counts(failed=1)}}
