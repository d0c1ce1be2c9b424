"""The partitions that a resumed campaign, or one that launches for too long, still lacks are requested."""

import pytest

from crm.delivery.freezing import chunks_of
from tests.delivery.campaign_stores import NOW, customer
from tests.delivery.in_memory import InMemoryWorld


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> InMemoryWorld:
    """A campaign that was launched with three partitions."""
    monkeypatch.setattr("crm.campaigns.frozen_list.PARTITION_SIZE", 4)
    made = InMemoryWorld()
    made.has(*(customer(n) for n in range(10)))
    made.drafts()
    await made.launches()
    return made


async def cut(world: InMemoryWorld, *partitions: int) -> None:
    """Cut partitions into chunks, and be killed before the check whether they were the last."""
    campaign = world.campaign()
    for number in partitions:
        part = await world.wired.lists.part(campaign.frozen_list or "", number)
        assert part is not None
        chunks = chunks_of(campaign, number, part.customer_keys)
        await world.wired.frozen_audience.freeze(campaign, number, part, chunks, NOW + world.lease)


def requested(world: InMemoryWorld) -> list[int]:
    return [body["partition"] for body in world.takes("partitions")]


async def test_a_launch_requests_each_partition(world: InMemoryWorld) -> None:
    assert requested(world) == [0, 1, 2]


async def test_a_resumed_campaign_requests_those_that_are_missing(world: InMemoryWorld) -> None:
    requested(world)
    await cut(world, 1)
    await world.pauses()
    await world.resumes()
    assert requested(world) == [0, 2]


async def test_the_tick_requests_no_more_than_the_limit(
    world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.campaigns.usecases.request_missing_partitions.MAX_PARTITIONS", 2)
    requested(world)
    world.now += world.lease
    await world.ticks()
    assert requested(world) == [0, 1]


@pytest.mark.parametrize("paused", [False, True])
async def test_a_campaign_without_missing_partitions_starts(world: InMemoryWorld, paused: bool) -> None:
    requested(world)
    await cut(world, 0, 1, 2)
    if paused:
        await world.pauses()
        await world.resumes()
    else:
        world.now += world.lease
        await world.ticks()
    assert world.campaign().status == "launching"
    assert await world.handles("partitions") == 1
    assert world.campaign().status == "sending"
    assert world.stats() == {"audience": 10, "pending": 10}


async def test_a_request_that_comes_after_the_start_changes_nothing(world: InMemoryWorld) -> None:
    requests = world.takes("partitions")
    launching = world.campaign()
    for each in requests:
        await world.pushes("partitions", each)
    started = world.campaign()
    await world.wired.request_missing_partitions(launching)
    assert await world.handles("partitions") == 1
    assert world.campaign() == started
    assert world.stats() == {"audience": 10, "pending": 10}
