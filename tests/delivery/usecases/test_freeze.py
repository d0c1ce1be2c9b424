"""The frozen audience is that of one moment, whatever happens while its chunks are made."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from crm.customers.customer import Totals
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from tests.delivery.campaign_stores import World, body, customer, withdrawn
from tests.vendor_stub import VendorStub

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]

SPENDERS = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 1000}]}
"""The customers with an even number."""


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions of 4, and chunks of 3."""
    monkeypatch.setattr("crm.campaigns.frozen_list.PARTITION_SIZE", 4)
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 3)


async def recipients(world: World) -> list[str]:
    """Everybody in a chunk, by id."""
    chunks = world.database.collection("campaigns/c1/chunks").stream()
    found = [chunk.to_dict() or {} async for chunk in chunks]
    return sorted(name for chunk in found for name in json.loads(chunk["customer_ids"]))


async def test_customers_added_changed_and_erased_between_launch_and_each_partition(
    world: World, vendor_stub: VendorStub
) -> None:
    await world.has(*(customer(n) for n in range(30)), withdrawn(30), customer(32, email=None))
    await world.drafts(rules=SPENDERS)
    launched = await world.launches()
    assert (launched.matched, launched.excluded) == (17, {"no_consent": 1, "no_address": 1})
    await world.handles("launches")
    partitions = world.takes("partitions")
    assert len(partitions) == launched.partitions == 4
    poor = Totals(total_spend=0)
    changes: list[Callable[[], Awaitable[object]]] = [
        lambda: world.has(*(customer(n) for n in range(100, 120))),
        lambda: world.has(customer(1, totals=Totals(total_spend=90_000_000), version=2)),
        lambda: world.has(customer(0, totals=poor, version=2), customer(28, totals=poor, version=2)),
        lambda: EraseCustomer(store=FirestoreCustomerData(world.database))("C-2", world.now),
    ]
    for change, partition in zip(changes, partitions, strict=True):
        await change()
        assert (await world.pushes("partitions", partition)).status_code == 204
    assert await recipients(world) == sorted(f"C-{n}" for n in range(0, 30, 2))
    assert (await world.campaign()).status == "sending"
    assert await world.stats() == {"audience": 15, "pending": 15}
    await world.handles("chunks")
    assert await world.stats() == {"audience": 15, "accepted": 14, "sent": 14, "skipped": 1}
    assert (await world.rows())["C-2"].reason == "erased"
    assert await lists(world) == 0


async def test_two_launches_at_once_with_different_customers_freeze_one_moment(world: World) -> None:
    await world.has(*(customer(n) for n in range(10)))
    await world.drafts()

    async def late() -> None:
        await world.has(*(customer(n) for n in range(10, 14)))
        await world.launches()

    await asyncio.gather(world.launches(), late(), return_exceptions=True)
    for topic in ("launches", "partitions"):
        await world.handles(topic)
    campaign = await world.campaign()
    assert campaign.audience == campaign.matched == len(await recipients(world))
    # The list that lost is swept, an hour later.
    world.now += world.lease * 60
    await world.ticks()
    assert await lists(world) == 0


async def test_a_campaign_cancelled_between_two_partitions_leaves_nothing_behind(world: World) -> None:
    await world.has(*(customer(n) for n in range(10)))
    await world.drafts()
    await world.launches()
    await world.handles("launches")
    first, *others = world.takes("partitions")
    await world.pushes("partitions", first)
    await world.cancels()
    await world.ticks()
    for late in (first, *others):
        assert (await world.pushes("partitions", late)).status_code == 204
    assert await recipients(world) == []
    assert await lists(world) == 0
    closed = await world.campaign()
    assert (closed.status, closed.finished_at, closed.audience) == ("cancelled", world.now, None)


async def test_a_pause_between_two_partitions_keeps_the_list(world: World) -> None:
    await world.has(*(customer(n) for n in range(10)))
    await world.drafts()
    await world.launches()
    await world.handles("launches")
    await world.pushes("partitions", world.takes("partitions")[0])
    await world.pauses()
    world.now += world.lease * 100
    await world.ticks()
    await world.has(*(customer(n) for n in range(10, 20)))
    await world.resumes()
    assert await world.handles("launches") == 1
    assert await world.handles("partitions") == 2
    assert await recipients(world) == sorted(f"C-{n}" for n in range(10))
    assert (await world.campaign()).audience == 10


async def test_a_partition_that_nobody_knows_is_not_found(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    answer = await world.pushes("partitions", body(campaign_id="c1", partition=1))
    assert answer.status_code == 404


async def lists(world: World) -> int:
    """Documents that are left of frozen lists."""
    heads = [head async for head in world.database.collection("frozen_lists").list_documents()]
    parts = [part for head in heads async for part in head.collection("parts").list_documents()]
    return len(heads) + len(parts)
