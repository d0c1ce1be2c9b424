"""Reconciliation against a real database: counters that somebody corrupted, and all that moves meanwhile."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from google.cloud.firestore import Increment

from crm.delivery.log import LogRow
from crm.kernel.errors import Unavailable
from crm.supervision.reconciliation import CounterSnapshot
from crm.supervision.store.supervision import FirestoreCounts
from crm.supervision.usecases.reconcile import MEMORY, agrees, reconcile, recount
from tests.delivery.campaign_stores import NOW, World
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


async def corrupt(world: World, group: str = "all", **by: int) -> None:
    """What no commit of ours does: counters without rows."""
    shard = world.database.document("campaigns/c1/counters/0")
    await shard.set({group: {name: Increment(n) for name, n in by.items()}}, merge=True)


@pytest.fixture
def small_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rows a tick, two a read."""
    monkeypatch.setattr("crm.supervision.usecases.reconcile.ROWS", 4)
    monkeypatch.setattr("crm.supervision.store.supervision.PAGE", 2)


async def test_counters_that_are_off_are_corrected_in_every_group(world: World) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    book, campaign = FirestoreCounts(world.database), await world.campaign()
    assert await agrees(book, campaign)
    assert await reconcile(book, campaign, NOW) == 0
    await corrupt(world, accepted=-2, delivered=5)
    await corrupt(world, "high_spenders", skipped=4)
    assert not await agrees(book, campaign)
    assert await reconcile(book, campaign, NOW) == 11
    assert await world.stats() == {"audience": 6, "sent": 6, "accepted": 6}
    assert await agrees(book, campaign)
    assert await reconcile(book, campaign, NOW) == 0


async def test_corrections_race_with_receipts_chunks_and_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 10)
    monkeypatch.setattr("crm.supervision.store.supervision.PAGE", 7)
    first, *others = await world.sending(60)
    await world.pushes("chunks", first)
    rows = list((await world.rows()).values())
    await corrupt(world, accepted=3, failed=-7, clicked=2)
    book, campaign = FirestoreCounts(world.database), await world.campaign()

    async def receive() -> None:
        for row in rows:
            await world.receives([row])

    async def send() -> None:
        for chunk in others:
            assert (await world.pushes("chunks", chunk)).status_code == 204

    corrected = await asyncio.gather(*(reconcile(book, campaign, NOW) for _ in range(3)), receive(), send())
    assert sum(each or 0 for each in corrected) == 12
    assert await world.stats() == {"audience": 60, "sent": 60, "accepted": 50, "delivered": 10}


async def test_the_tick_corrects_before_it_concludes(world: World) -> None:
    (chunk,) = await world.sending(4)
    # Nothing is sent, yet the counters say that all is over.
    await corrupt(world, delivered=4)
    await world.ticks()
    assert (await world.campaign()).status == "sending"
    assert await world.stats() == {"audience": 4, "pending": 4}
    await world.pushes("chunks", chunk)
    await world.receives(list((await world.rows()).values()))
    await world.ticks()
    assert (await world.campaign()).status == "finished"


async def test_the_tick_looks_again_every_ten_minutes(world: World) -> None:
    (chunk,) = await world.sending(4)
    await world.pushes("chunks", chunk)
    await world.ticks()
    await corrupt(world, skipped=1, accepted=-1)
    await world.ticks()
    world.now += timedelta(minutes=10)
    await world.ticks()
    assert await world.stats() == {"audience": 4, "sent": 4, "accepted": 4}


async def test_a_large_campaign_is_counted_over_several_ticks(world: World, small_reads: None) -> None:
    (chunk,) = await world.sending(10)
    await world.pushes("chunks", chunk)
    await world.ticks()
    await corrupt(world, delivered=1, accepted=-4)
    await corrupt(world, "high_spenders", skipped=4)
    rows = list((await world.rows()).values())
    await world.receives(rows[:2])
    world.now += timedelta(minutes=10)
    await world.ticks()
    with pytest.raises(AssertionError):
        await world.stats()
    # What moves meanwhile is not what is counted, and not lost.
    await world.receives(rows[2:5])
    await world.ticks()
    await world.ticks()
    assert await world.stats() == {"audience": 10, "sent": 10, "accepted": 5, "delivered": 5}
    await world.receives(rows[5:])
    await world.ticks()
    assert (await world.campaign()).status == "finished"


async def test_a_count_begins_again_where_somebody_corrected_meanwhile(
    world: World, small_reads: None
) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    await corrupt(world, delivered=1, accepted=-4)
    book, campaign = FirestoreCounts(world.database), await world.campaign()
    assert not await recount(book, campaign, NOW)
    assert await reconcile(book, campaign, NOW) == 5
    assert not await recount(book, campaign, NOW)  # what it lacked is there already
    assert not await recount(book, campaign, NOW)
    assert await recount(book, campaign, NOW)
    assert await world.stats() == {"audience": 6, "sent": 6, "accepted": 6}


async def test_a_count_that_the_database_interrupts_goes_on_from_there(
    world: World, small_reads: None
) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    await corrupt(world, opened=3)
    campaign = await world.campaign()
    asked: list[str | None] = []

    class Slow(FirestoreCounts):
        """Answers one read, and then none in time."""

        async def rows(
            self, campaign_id: str, moment: CounterSnapshot, after: str | None = None
        ) -> list[LogRow]:
            asked.append(after)
            if len(asked) % 2 == 0:
                raise Unavailable("The database does not answer.")
            return await super().rows(campaign_id, moment, after)

    for _ in range(3):
        with pytest.raises(Unavailable):
            await recount(Slow(world.database), campaign, NOW)
    assert len(set(asked)) == 4  # the beginning, and after two, four and six rows
    assert await recount(FirestoreCounts(world.database), campaign, NOW)
    assert await world.stats() == {"audience": 6, "sent": 6, "accepted": 6}


async def test_an_old_count_begins_again(world: World, small_reads: None) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    book, campaign = FirestoreCounts(world.database), await world.campaign()
    assert not await recount(book, campaign, NOW)
    await corrupt(world, failed=3)
    # The rows cannot be read as of then any more.
    assert not await recount(book, campaign, NOW + MEMORY)
    assert await recount(book, campaign, NOW + MEMORY)
    assert await world.stats() == {"audience": 6, "sent": 6, "accepted": 6}


async def test_a_day_after_its_end_everything_of_a_campaign_is_counted_once(world: World) -> None:
    (chunk,) = await world.sending(4)
    await world.pushes("chunks", chunk)
    rows = list((await world.rows()).values())
    await world.receives(rows)
    await world.receives(rows[:2], status="opened")
    await world.ticks()
    # The statuses of all agree, so nothing but a whole count finds these.
    await corrupt(world, opened=2, clicked=-1)
    await corrupt(world, "high_spenders", delivered=3, accepted=1)
    world.now += timedelta(hours=23)
    await world.ticks()
    with pytest.raises(AssertionError):
        await world.stats()
    world.now += timedelta(hours=1)
    await asyncio.gather(*(world.ticks() for _ in range(3)))
    await world.ticks()
    assert await world.stats() == {"audience": 4, "sent": 4, "delivered": 4, "opened": 2}
    assert (await world.campaign()).sweep_at is None


async def test_a_large_campaign_is_swept_by_itself(world: World, small_reads: None) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    await world.receives(list((await world.rows()).values()))
    await world.ticks()
    small = replace(await world.campaign(), campaign_id="c2", audience=0, sweep_at=NOW + timedelta(days=2))
    await world.campaigns.create(small)
    world.now += timedelta(days=3)
    for swept in ([], ["c1", "c2"]):
        await world.ticks()
        done = [name for name in ("c1", "c2") if (await world.campaign(name)).sweep_at is None]
        assert done == swept


async def test_late_receipts_settle_a_campaign_that_needed_attention(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    rows = list((await world.rows()).values())
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    waiting = await world.campaign()
    assert (waiting.status, waiting.note) == ("needs_attention", "3 messages are unknown.")
    await world.receives(rows[:1])
    world.now += timedelta(hours=1)
    await world.ticks()
    waiting = await world.campaign()
    assert (waiting.status, waiting.note) == ("needs_attention", "2 messages are unknown.")
    await world.receives(rows[1:])
    await world.ticks()
    settled = await world.campaign()
    assert (settled.status, settled.note, settled.finished_at) == ("finished", None, world.now)


async def test_nobody_waits_for_ever_for_late_receipts(world: World) -> None:
    (chunk,) = await world.sending(1)
    await world.pushes("chunks", chunk)
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert [each.campaign_id for each in await world.campaigns.needs_tick()] == ["c1"]
    world.now += timedelta(days=7)
    await world.ticks()
    assert await world.campaigns.needs_tick() == []
    assert (await world.campaign()).status == "needs_attention"


async def test_a_campaign_that_stands_still_is_named_and_taken_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    (chunk,) = await world.sending(2)
    await world.ticks()
    world.now += timedelta(minutes=30)
    with caplog.at_level(logging.ERROR):
        await world.ticks()
        await world.ticks()
    stalls = [record for record in caplog.records if "stalled" in record.getMessage()]
    assert [getattr(record, "ids", None) for record in stalls] == [{"campaign_id": "c1", "status": "sending"}]
    note = "Nothing has moved for 30 minutes: 2 pending (chunks 0000-0000), 0 without a receipt."
    assert (await world.campaign()).note == note
    await world.pushes("chunks", chunk)
    await world.ticks()
    assert (await world.campaign()).note is None
