"""Pause, resume and cancel: who is not sent to, and where they are counted."""

from datetime import timedelta

import pytest

from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import NOW, BrokenBroker, World, body, customer, withdrawn
from tests.vendor_stub import VendorStub

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 3."""
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 3)


async def test_a_paused_campaign_sends_nothing_until_it_is_resumed(
    world: World, vendor_stub: VendorStub
) -> None:
    first, *others = await world.sending(9)
    await world.pushes("chunks", first)
    assert (await world.pauses()).status == "paused"
    for chunk in others:
        assert (await world.pushes("chunks", chunk)).status_code == 204
    await world.ticks()
    assert await world.stats() == {"audience": 9, "pending": 6, "sent": 3, "accepted": 3}
    # Receipts still count while it is paused.
    await world.receives(list((await world.rows()).values()))
    assert await world.stats() == {"audience": 9, "pending": 6, "sent": 3, "delivered": 3}
    assert (await world.resumes()).status == "sending"
    assert await world.handles("chunks") == 2
    assert await world.stats() == {"audience": 9, "sent": 9, "accepted": 6, "delivered": 3}
    assert len(vendor_stub.ledger) == 9


async def test_a_campaign_paused_while_launching_goes_on_launching(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    await world.pauses()
    assert await world.handles("launches") == 1
    await world.pushes("partitions", body(campaign_id="c1", partition=0))
    assert (world.takes("partitions"), world.takes("chunks")) == ([], [])
    assert (await world.resumes()).status == "launching"
    for topic in ("launches", "partitions", "chunks"):
        assert await world.handles(topic) == 1
    assert await world.stats() == {"audience": 1, "sent": 1, "accepted": 1}


async def test_whoever_got_nothing_before_the_cancelling_is_skipped(
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


async def test_whoever_may_have_got_something_before_the_cancelling_is_unknown(
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
    await world.handles("launches")
    await world.cancels()
    await world.handles("partitions")
    assert world.takes("chunks") == []
    await world.ticks()
    assert (await world.campaign()).finished_at == NOW
    assert await world.stats() == {}


async def test_a_scheduled_campaign_is_cancelled_before_it_starts(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(status="scheduled", schedule_at=NOW + timedelta(hours=1))
    await world.cancels()
    world.now += timedelta(hours=2)
    await world.ticks()
    assert (await world.campaign()).status == "cancelled"
    assert world.takes("launches") == []


async def test_only_what_is_on_its_way_is_paused_resumed_and_cancelled(world: World) -> None:
    await world.has(customer(1), withdrawn(2))
    await world.drafts()
    with pytest.raises(Conflict, match="The campaign is draft"):
        await world.pauses()
    with pytest.raises(Conflict):
        await world.resumes()
    with pytest.raises(Conflict):
        await world.cancels()
    await world.launches()
    await world.cancels()
    for again in (
        world.pauses(),
        world.resumes(),
        world.cancels(),
    ):
        with pytest.raises(Conflict, match="The campaign is cancelled"):
            await again


async def test_with_the_broker_away_the_tick_brings_on_what_was_resumed_or_cancelled(world: World) -> None:
    await world.sending(3)
    await world.pauses()
    assert (await world.resumes(BrokenBroker())).status == "sending"
    assert (await world.cancels(BrokenBroker())).status == "cancelled"
    world.now += world.lease
    await world.ticks()
    assert await world.handles("chunks") == 1
    assert await world.stats() == {"audience": 3, "skipped": 3}
