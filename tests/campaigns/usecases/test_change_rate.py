"""A campaign's rate is changed while it sends: what has not gone yet keeps to the new one, and goes once."""

import asyncio
from datetime import timedelta

import pytest

from crm.campaigns.usecases.change_rate import ChangeRate
from crm.kernel.errors import Conflict, Invalid
from tests.delivery.campaign_stores import World, customer
from tests.vendor_stub import VendorStub

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 3."""
    for module in ("delivery.freezing", "supervision.usecases.tick", "campaigns.usecases.change_rate"):
        monkeypatch.setattr(f"crm.{module}.CHUNK_SIZE", 3)


async def change(world: World, rate: int | None) -> None:
    changed = await ChangeRate(campaigns=world.campaigns, chunks=world.frozen, broker=world.publisher)(
        "c1", rate
    )
    assert changed.rate == rate


async def minutes(world: World, count: int) -> list[int]:
    """How many chunks went in each of the next minutes, the tick running twice at once."""
    sent = []
    for _ in range(count):
        await asyncio.gather(world.ticks(), world.ticks())
        sent.append(await world.handles("chunks"))
        world.now += MINUTE
    return sent


async def test_a_campaign_without_a_rate_is_slowed_down(world: World, vendor_stub: VendorStub) -> None:
    first, *others = await world.sending(12)
    await world.pushes("chunks", first)
    await change(world, 6)
    for chunk in others:
        # Asked for when there was no rate.
        assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 12, "pending": 9, "sent": 3, "accepted": 3}
    world.now += 2 * MINUTE
    assert await minutes(world, 3) == [1, 2, 0]
    assert await world.stats() == {"audience": 12, "sent": 12, "accepted": 12}
    assert len(vendor_stub.ledger) == 12
    assert {len(call) for call in vendor_stub.calls} == {3}


async def test_a_slow_campaign_is_let_go(world: World, vendor_stub: VendorStub) -> None:
    await world.sending(12, rate=3)
    assert await minutes(world, 1) == [1]
    await change(world, None)
    assert await world.handles("chunks") == 3
    assert await world.stats() == {"audience": 12, "sent": 12, "accepted": 12}
    assert len(vendor_stub.ledger) == 12


async def test_a_slow_campaign_is_sped_up_in_parts_as_small_as_they_were(world: World) -> None:
    await world.sending(12, rate=3)
    assert await minutes(world, 1) == [1]
    await change(world, 6)
    assert await minutes(world, 2) == [1, 2]


async def test_a_paused_campaign_goes_on_at_its_new_rate(world: World) -> None:
    chunks = await world.sending(9)
    await world.pauses()
    await change(world, 3)
    await world.resumes()
    for chunk in chunks:
        await world.pushes("chunks", chunk)
    world.now += 2 * MINUTE
    assert await minutes(world, 4) == [1, 1, 1, 0]
    assert await world.stats() == {"audience": 9, "sent": 9, "accepted": 9}


async def test_the_same_rate_again_changes_nothing(world: World) -> None:
    (chunk,) = await world.sending(3)
    await change(world, None)
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 3}


async def test_a_rate_below_one_part_a_minute_is_refused(world: World) -> None:
    await world.sending(9)
    with pytest.raises(Invalid, match="rate: must be at least 3"):
        await change(world, 2)
    assert (await world.campaign()).rate is None


async def test_before_its_audience_is_fixed_a_campaign_keeps_its_rate(world: World) -> None:
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
