"""The tick: does again what was lost, and keeps the trouble of one campaign from the others."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from crm.delivery.freezing import chunks_of
from tests.builders import message_to
from tests.delivery.campaign_stores import NOW, customer
from tests.delivery.in_memory import InMemoryWorld


async def test_a_lost_launch_is_advanced_step_by_step(world: InMemoryWorld) -> None:
    world.has(*(customer(n) for n in range(4)))
    world.drafts()
    await world.launches()
    world.takes("partitions")  # lost
    await world.ticks()
    assert world.takes("partitions") == []
    world.now += world.lease
    await world.ticks()
    assert world.takes("partitions") == [{"campaign_id": "c1", "partition": 0}]
    await world.ticks()
    assert await world.handles("partitions") == 1
    # The chunks were published, and are lost.
    assert len(world.takes("chunks")) == 1
    await world.ticks()
    assert world.takes("chunks") == []
    world.now += world.lease
    await world.ticks()
    await world.ticks(3)
    assert await world.handles("chunks") == 1
    assert world.stats() == {"audience": 4, "sent": 4, "accepted": 4}
    assert len(world.vendor.ledger) == 4


async def test_a_campaign_whose_last_worker_died_before_the_start_is_started(
    world: InMemoryWorld,
) -> None:
    world.has(customer(1))
    world.drafts()
    await world.launches()
    campaign = world.campaign()
    part = await world.wired.lists.part(campaign.frozen_list or "", 0)
    assert part is not None
    chunks = chunks_of(campaign, 0, part.customer_keys)
    await world.wired.frozen_audience.freeze(campaign, 0, part, chunks, NOW + world.lease)
    world.now += world.lease
    world.takes("partitions")  # lost
    await world.ticks(3)
    await world.handles("partitions")
    assert world.campaign().status == "sending"
    await world.handles("chunks")
    assert world.stats() == {"audience": 1, "sent": 1, "accepted": 1}


async def test_a_chunk_whose_worker_died_is_published_when_its_lease_ends(world: InMemoryWorld) -> None:
    await world.sending(2)
    assert await world.wired.chunks.claim("c1", "0000-0000", NOW, NOW + world.lease)
    await world.ticks()
    assert world.takes("chunks") == []
    world.now += world.lease
    await world.ticks()
    assert await world.handles("chunks") == 1
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


async def test_a_bug_in_one_campaign_stops_no_other_and_is_raised(
    world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.has(customer(1))
    for name in ("c1", "c2"):
        world.drafts(campaign_id=name)
        await world.launches(name)
    world.takes("partitions")  # lost

    remaining = world.wired.lists.remaining

    async def poisoned(name: str, limit: int) -> Sequence[int]:
        if name == world.campaign("c1").frozen_list:
            raise RuntimeError("a bug")
        return await remaining(name, limit)

    monkeypatch.setattr(world.wired.lists, "remaining", poisoned)
    world.now += timedelta(minutes=10)
    with pytest.raises(RuntimeError, match="a bug"):
        await world.ticks()
    assert [message["campaign_id"] for message in world.takes("partitions")] == ["c2"]


async def test_an_unmatched_receipt_is_joined_once(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    row_id = message_to("c1", "C-0")
    await world.reports([row_id])
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 2}
    await world.ticks(3)
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 1, "delivered": 1}
