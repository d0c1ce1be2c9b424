"""The frozen audience is that of the launch, whatever happens while its chunks are written."""

import asyncio
from collections.abc import Callable

import pytest

from crm.customers.customer import Totals, erased
from crm.kernel.errors import NotFound
from tests.builders import id_of
from tests.delivery.campaign_stores import customer, withdrawn
from tests.delivery.in_memory import InMemoryWorld

pytestmark = pytest.mark.usefixtures("small_parts")

SPENDERS = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 1000}]}
"""The customers with an even number."""


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions of 4, and chunks of 3."""
    monkeypatch.setattr("crm.campaigns.frozen_list.PARTITION_SIZE", 4)
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 3)


def recipients(world: InMemoryWorld) -> list[str]:
    """The ids of all customers in a chunk."""
    return sorted(id_of(key) for work in world.db.chunks.values_of() for key in work.chunk.customer_keys)


async def test_customers_added_changed_and_erased_between_launch_and_each_partition(
    world: InMemoryWorld,
) -> None:
    world.has(*(customer(n) for n in range(30)), withdrawn(30), customer(32, email=None))
    world.drafts(rules=SPENDERS)
    launched = await world.launches()
    assert (launched.matched, launched.excluded) == (17, {"no_consent": 1, "no_address": 1})
    partitions = world.takes("partitions")
    assert len(partitions) == launched.partitions == 4
    poor = Totals(total_spend=0)
    changes: list[Callable[[], object]] = [
        lambda: world.has(*(customer(n) for n in range(100, 120))),
        lambda: world.has(customer(1, totals=Totals(total_spend=90_000_000), version=2)),
        lambda: world.has(customer(0, totals=poor, version=2), customer(28, totals=poor, version=2)),
        lambda: world.has(erased(customer(2), world.now)),
    ]
    for change, partition in zip(changes, partitions, strict=True):
        change()
        await world.pushes("partitions", partition)
    assert recipients(world) == sorted(f"C-{n}" for n in range(0, 30, 2))
    assert world.campaign().status == "sending"
    assert world.stats() == {"audience": 15, "pending": 15}
    await world.handles("chunks")
    assert world.stats() == {"audience": 15, "accepted": 14, "sent": 14, "skipped": 1}
    assert world.rows()["C-2"].reason == "erased"
    assert lists(world) == 0


async def test_two_concurrent_launches_with_different_customers_freeze_one_snapshot(
    world: InMemoryWorld,
) -> None:
    world.has(*(customer(n) for n in range(10)))
    world.drafts()

    async def late() -> None:
        world.has(*(customer(n) for n in range(10, 14)))
        await world.launches()

    await asyncio.gather(world.launches(), late(), return_exceptions=True)
    await world.handles("partitions")
    campaign = world.campaign()
    assert campaign.audience == campaign.matched == len(recipients(world))
    # The list of the launch that lost is swept an hour later.
    world.now += world.lease * 60
    await world.ticks()
    assert lists(world) == 0


async def test_a_campaign_cancelled_between_partitions_leaves_nothing_behind(
    world: InMemoryWorld,
) -> None:
    world.has(*(customer(n) for n in range(10)))
    world.drafts()
    await world.launches()
    first, *others = world.takes("partitions")
    await world.pushes("partitions", first)
    await world.cancels()
    await world.ticks()
    for late in (first, *others):
        await world.pushes("partitions", late)
    assert recipients(world) == []
    assert lists(world) == 0
    closed = world.campaign()
    assert (closed.status, closed.finished_at, closed.audience) == ("cancelled", world.now, None)


async def test_a_pause_between_two_partitions_keeps_the_list(world: InMemoryWorld) -> None:
    world.has(*(customer(n) for n in range(10)))
    world.drafts()
    await world.launches()
    first, *_ = world.takes("partitions")
    await world.pushes("partitions", first)
    await world.pauses()
    world.now += world.lease * 100
    await world.ticks()
    world.has(*(customer(n) for n in range(10, 20)))
    await world.resumes()
    assert await world.handles("partitions") == 2
    assert recipients(world) == sorted(f"C-{n}" for n in range(10))
    assert world.campaign().audience == 10


async def test_an_unknown_partition_is_not_found(world: InMemoryWorld) -> None:
    world.has(customer(1))
    world.drafts()
    await world.launches()
    with pytest.raises(NotFound):
        await world.pushes("partitions", {"campaign_id": "c1", "partition": 1})


def lists(world: InMemoryWorld) -> int:
    """Documents that are left of frozen lists."""
    return len(world.db.lists) + len(world.db.parts)
