"""A timeline adds up to the counters, whatever moves them and however often a commit is retried."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.store import timelines
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.timelines import Timelines
from crm.campaigns.timeline import bucket_start
from crm.delivery.log import LogRow
from crm.delivery.row_changes import RowChange
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.receipts import FirestoreReceipts
from crm.kernel.errors import Conflict
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.supervision.store.counts import FirestoreCounts
from tests.builders import NOON as NOW
from tests.delivery.frozen_chunks import CAMPAIGN, claimed, frozen, row
from tests.receipts import write

__all__ = ["frozen"]

pytestmark = pytest.mark.emulator


async def total(project: str) -> Counts:
    return sum((await Timelines(client(project)).movements("c1")).values(), Counts())


async def counted(project: str) -> Counts:
    return (await Counters(client(project)).by_group([CAMPAIGN]))["c1"]["all"]


@pytest.mark.usefixtures("frozen")
async def test_sending_receipts_and_corrections_add_up_to_the_counters(project: str) -> None:
    database = client(project)
    leases, receipts = FirestoreChunkLeases(database), FirestoreReceipts(database)
    rows = [replace(row(f"{n}"), message_id=f"{n:032x}", shard=n % 2) for n in range(4)]
    claim = await claimed(leases)
    for _ in range(2):  # the second time the lease is lost
        with suppress(Conflict):
            await leases.finish(claim, rows, NOW)
    assert await total(project) == await counted(project) == Counts(accepted=4)

    seen = await receipts.rows([one.message_id for one in rows])
    changes = [RowChange(seen[one.message_id], _delivered(one)) for one in rows[:3]]
    for _ in range(2):  # the second time the rows have changed
        with suppress(Conflict):
            await receipts.commit(changes=changes)
    assert await total(project) == await counted(project) == Counts(accepted=1, delivered=3)

    counts = FirestoreCounts(database)
    snapshot = await counts.snapshot(CAMPAIGN)
    await counts.apply_correction(
        "c1", snapshot, {1: {"all": Counts(delivered=-1), "active": Counts(failed=1)}}, NOW
    )
    assert await total(project) == await counted(project) == Counts(accepted=1, delivered=2)


async def test_movements_are_stored_in_their_bucket(project: str) -> None:
    database = client(project)
    for seconds, shard in ((0, 0), (9, 1), (10, 0), (3601, 0)):
        commit = Commit(database)
        at = NOW + timedelta(seconds=seconds)
        timelines.add(commit, "c1", shard, Counts(accepted=1, opened=5), at)
        timelines.add(commit, "c2", shard, Counts(failed=1), at)
        timelines.add(commit, "c3", shard, Counts(opened=1), at)
        await commit.send()
    assert await Timelines(database).movements("c1") == {
        NOW: Counts(accepted=2),
        NOW + timedelta(seconds=10): Counts(accepted=1),
        bucket_start(NOW + timedelta(seconds=3601)): Counts(accepted=1),
    }
    assert await Timelines(database).movements("c3") == {}


async def test_a_commit_writes_one_timeline_document_for_any_number_of_shards(project: str) -> None:
    rows = [replace(row(f"{n}"), message_id=f"{n:032x}", shard=n) for n in range(4)]
    receipts = await write(project, rows)
    seen = await receipts.rows([one.message_id for one in rows])
    await receipts.commit(changes=[RowChange(seen[one.message_id], _delivered(one)) for one in rows])
    assert len(await client(project).collection("campaigns/c1/timeline").get()) == 1


def _delivered(one: LogRow) -> LogRow:
    return replace(one, status="delivered")
