"""Cancel: recipients who have got nothing yet are skipped, and the figures add up."""

from datetime import timedelta

import pytest

from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import NOW, BrokenBroker, World, customer
from tests.vendor_stub import VendorStub

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]


async def test_recipients_who_got_nothing_before_the_cancellation_are_skipped(
    world: World, vendor_stub: VendorStub
) -> None:
    first, *_ = await world.sending(9)
    await world.pushes("chunks", first)
    assert (await world.cancels()).status == "cancelled"
    assert await world.stats() == {"audience": 9, "pending": 6, "sent": 3, "accepted": 3}
    assert await world.handles("chunks") == 2
    assert await world.stats() == {"audience": 9, "sent": 3, "accepted": 3, "skipped": 6}
    rows = list((await world.rows()).values())
    assert {row.reason for row in rows if row.status == "skipped"} == {"cancelled"}
    assert len(vendor_stub.ledger) == 3
    await world.ticks()
    assert (await world.campaign()).finished_at is None
    await world.receives([row for row in rows if row.status == "accepted"])
    await world.ticks()
    closed = await world.campaign()
    assert (closed.status, closed.finished_at) == ("cancelled", NOW)
    assert await world.campaigns.needs_tick() == []


async def test_messages_possibly_sent_before_the_cancellation_are_unknown(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(3)
    vendor_stub.refusals = [(500, {})]
    assert (await world.pushes("chunks", chunk)).status_code == 503
    await world.cancels()
    await world.handles("chunks")
    assert await world.stats() == {"audience": 3, "unknown": 3}


async def test_a_campaign_cancelled_while_launching_sends_nothing(
    world: World, vendor_stub: VendorStub
) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    await world.cancels()
    await world.handles("partitions")
    assert world.takes("chunks") == []
    await world.ticks()
    assert (await world.campaign()).finished_at == NOW
    assert await world.stats() == {}


async def test_a_cancelled_scheduled_campaign_never_starts(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(status="scheduled", schedule_at=NOW + timedelta(hours=1))
    await world.cancels()
    world.now += timedelta(hours=2)
    await world.ticks()
    assert (await world.campaign()).status == "cancelled"
    assert world.takes("partitions") == []


async def test_neither_a_draft_nor_a_cancelled_campaign_can_be_cancelled(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    with pytest.raises(Conflict, match="The campaign is draft"):
        await world.cancels()
    await world.launches()
    await world.cancels()
    with pytest.raises(Conflict, match="The campaign is cancelled"):
        await world.cancels()


async def test_without_the_broker_the_tick_requests_the_chunks_of_a_cancelled_campaign(world: World) -> None:
    await world.sending(3)
    assert (await world.cancels(BrokenBroker())).status == "cancelled"
    world.now += world.lease
    await world.ticks()
    assert await world.handles("chunks") == 1
    assert await world.stats() == {"audience": 3, "skipped": 3}
