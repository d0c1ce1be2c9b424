"""The sweep: a day after its end a campaign is recounted once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.delivery.campaign_stores import NOW
from tests.delivery.in_memory import InMemoryWorld


@pytest.fixture
def small_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rows a tick, two a read."""
    monkeypatch.setattr("crm.supervision.usecases.continue_recount.ROWS", 4)


async def test_a_day_after_its_end_a_campaign_is_recounted_once(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(4)
    await world.pushes("chunks", chunk)
    rows = list(world.rows().values())
    await world.receives(rows)
    await world.receives(rows[:2], status="opened")
    await world.ticks()
    # The counts of statuses agree, so only a recount finds these.
    world.corrupts(opened=2, clicked=-1)
    world.corrupts("high_spenders", delivered=3, accepted=1)
    world.now += timedelta(hours=23)
    await world.ticks()
    with pytest.raises(AssertionError):
        world.stats()
    world.now += timedelta(hours=1)
    await world.ticks(3)
    await world.ticks()
    assert world.stats() == {"audience": 4, "sent": 4, "delivered": 4, "opened": 2}
    assert world.campaign().sweep_at is None


async def test_a_large_campaign_delays_the_sweep_of_others(world: InMemoryWorld, small_reads: None) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    await world.receives(list(world.rows().values()))
    await world.ticks()
    small = replace(world.campaign(), campaign_id="c2", audience=0, sweep_at=NOW + timedelta(days=2))
    world.db.put(world.db.campaigns, "c2", small)
    world.db.committed()
    world.now += timedelta(days=3)
    for swept in ([], ["c1", "c2"]):
        await world.ticks()
        done = [name for name in ("c1", "c2") if world.campaign(name).sweep_at is None]
        assert done == swept
