"""Reconciling: counters that are off are corrected, whatever is written meanwhile."""

import asyncio

import pytest

from tests.delivery.campaign_stores import NOW
from tests.delivery.in_memory import InMemoryWorld


async def test_counters_that_are_off_are_corrected_in_every_group(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    campaign = world.campaign()
    assert await world.wired.counters_agree(campaign)
    assert await world.wired.reconcile(campaign, NOW) == 0
    world.corrupts(accepted=-2, delivered=5)
    world.corrupts("high_spenders", skipped=4)
    assert not await world.wired.counters_agree(campaign)
    assert await world.wired.reconcile(campaign, NOW) == 11
    assert world.stats() == {"audience": 6, "sent": 6, "accepted": 6}
    assert await world.wired.counters_agree(campaign)
    assert await world.wired.reconcile(campaign, NOW) == 0


async def test_corrections_race_with_receipts_chunks_and_each_other(
    world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 10)
    first, *others = await world.sending(60)
    await world.pushes("chunks", first)
    rows = list(world.rows().values())
    world.corrupts(accepted=3, failed=-7, clicked=2)
    campaign = world.campaign()

    async def receive() -> None:
        for row in rows:
            await world.receives([row])

    async def send() -> None:
        for chunk in others:
            await world.pushes("chunks", chunk)

    corrected = await asyncio.gather(
        *(world.wired.reconcile(campaign, NOW) for _ in range(3)), receive(), send()
    )
    assert sum(each or 0 for each in corrected) == 12
    assert world.stats() == {"audience": 60, "sent": 60, "accepted": 50, "delivered": 10}
