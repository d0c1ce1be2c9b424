"""Recounts that take several ticks."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from crm.delivery.log import LogRow
from crm.kernel.errors import Unavailable
from crm.supervision.reconciliation import CounterSnapshot
from crm.supervision.usecases.continue_recount import MEMORY
from tests.delivery.campaign_stores import NOW
from tests.delivery.in_memory import InMemoryWorld


@pytest.fixture
def small_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rows a tick, two a read."""
    monkeypatch.setattr("crm.supervision.usecases.continue_recount.ROWS", 4)


async def test_a_large_campaign_takes_several_ticks(world: InMemoryWorld, small_reads: None) -> None:
    (chunk,) = await world.sending(10)
    await world.pushes("chunks", chunk)
    await world.ticks()
    world.corrupts(delivered=1, accepted=-4)
    world.corrupts("high_spenders", skipped=4)
    rows = list(world.rows().values())
    await world.receives(rows[:2])
    world.now += timedelta(minutes=10)
    await world.ticks()
    with pytest.raises(AssertionError):
        world.stats()
    # Receipts that come during the recount are not counted by it, and not lost.
    await world.receives(rows[2:5])
    await world.ticks()
    await world.ticks()
    assert world.stats() == {"audience": 10, "sent": 10, "accepted": 5, "delivered": 5}
    await world.receives(rows[5:])
    await world.ticks()
    assert world.campaign().status == "finished"


async def test_a_recount_starts_again_where_the_counters_were_corrected_meanwhile(
    world: InMemoryWorld, small_reads: None
) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    world.corrupts(delivered=1, accepted=-4)
    campaign = world.campaign()
    assert not await world.wired.continue_recount(campaign, NOW)
    assert await world.wired.reconcile(campaign, NOW) == 5
    assert not await world.wired.continue_recount(campaign, NOW)  # the counters were corrected
    assert not await world.wired.continue_recount(campaign, NOW)
    assert await world.wired.continue_recount(campaign, NOW)
    assert world.stats() == {"audience": 6, "sent": 6, "accepted": 6}


async def test_a_recount_that_the_database_interrupts_continues_from_there(
    world: InMemoryWorld, small_reads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    world.corrupts(opened=3)
    campaign = world.campaign()
    asked: list[str | None] = []
    rows = world.wired.counts.rows

    async def slow(campaign_id: str, snapshot: CounterSnapshot, after: str | None = None) -> Sequence[LogRow]:
        """Answers one read, and then none in time."""
        asked.append(after)
        if len(asked) % 2 == 0:
            raise Unavailable("The database does not answer.")
        return await rows(campaign_id, snapshot, after)

    with monkeypatch.context() as patched:
        patched.setattr(world.wired.counts, "rows", slow)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await world.wired.continue_recount(campaign, NOW)
    assert len(set(asked)) == 4  # the beginning, and after two, four and six rows
    assert await world.wired.continue_recount(campaign, NOW)
    assert world.stats() == {"audience": 6, "sent": 6, "accepted": 6}


async def test_an_old_recount_starts_again(world: InMemoryWorld, small_reads: None) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    campaign = world.campaign()
    assert not await world.wired.continue_recount(campaign, NOW)
    world.corrupts(failed=3)
    # The rows can no longer be read as of its snapshot.
    assert not await world.wired.continue_recount(campaign, NOW + MEMORY)
    assert await world.wired.continue_recount(campaign, NOW + MEMORY)
    assert world.stats() == {"audience": 6, "sent": 6, "accepted": 6}
