"""Change the rate of a campaign that is sending: pending chunks follow the new rate, and are sent once."""

import asyncio
from datetime import timedelta

import pytest

from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.usecases.change_rate import ChangeRate
from crm.kernel.errors import Conflict, Invalid
from tests.delivery.campaign_stores import World, customer
from tests.vendor_stub import VendorStub

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]

MINUTE = timedelta(minutes=1)


async def change(world: World, rate: int | None) -> None:
    change_rate = ChangeRate(
        campaigns=world.campaigns, chunks=world.frozen, requests=DeliveryRequests(world.publisher)
    )
    changed = await change_rate("c1", rate)
    assert changed.rate == rate


async def minutes(world: World, count: int) -> list[int]:
    """Chunks sent in each of the next minutes, with two concurrent ticks a minute."""
    sent = []
    for _ in range(count):
        await asyncio.gather(world.ticks(), world.ticks())
        sent.append(await world.handles("chunks"))
        world.now += MINUTE
    return sent


async def test_a_campaign_without_a_rate_gets_one(world: World, vendor_stub: VendorStub) -> None:
    first, *others = await world.sending(12)
    await world.pushes("chunks", first)
    await change(world, 6)
    for chunk in others:
        # Requested before there was a rate.
        assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 12, "pending": 9, "sent": 3, "accepted": 3}
    world.now += 2 * MINUTE
    assert await minutes(world, 3) == [1, 2, 0]
    assert await world.stats() == {"audience": 12, "sent": 12, "accepted": 12}
    assert len(vendor_stub.ledger) == 12
    assert {len(call) for call in vendor_stub.calls} == {3}


async def test_removing_the_rate_requests_all_pending_chunks(world: World, vendor_stub: VendorStub) -> None:
    await world.sending(12, rate=3)
    assert await minutes(world, 1) == [1]
    await change(world, None)
    assert await world.handles("chunks") == 3
    assert await world.stats() == {"audience": 12, "sent": 12, "accepted": 12}
    assert len(vendor_stub.ledger) == 12


async def test_a_higher_rate_keeps_the_size_of_the_chunks(world: World) -> None:
    await world.sending(12, rate=3)
    assert await minutes(world, 1) == [1]
    await change(world, 6)
    assert await minutes(world, 2) == [1, 2]


async def test_a_paused_campaign_resumes_at_its_new_rate(world: World) -> None:
    chunks = await world.sending(9)
    await world.pauses()
    await change(world, 3)
    await world.resumes()
    for chunk in chunks:
        await world.pushes("chunks", chunk)
    world.now += 2 * MINUTE
    assert await minutes(world, 4) == [1, 1, 1, 0]
    assert await world.stats() == {"audience": 9, "sent": 9, "accepted": 9}


async def test_setting_the_same_rate_changes_nothing(world: World) -> None:
    (chunk,) = await world.sending(3)
    await change(world, None)
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 3}


async def test_a_rate_below_one_chunk_a_minute_is_refused(world: World) -> None:
    await world.sending(9)
    with pytest.raises(Invalid, match="rate: must be at least 3"):
        await change(world, 2)
    assert (await world.campaign()).rate is None


async def test_the_rate_cannot_be_changed_before_the_audience_is_frozen(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    with pytest.raises(Conflict, match="is draft"):
        await change(world, 6)
    await world.launches()
    with pytest.raises(Conflict, match="is launching"):
        await change(world, 6)
    await world.pauses()
    with pytest.raises(Conflict, match="is paused"):
        await change(world, 6)
