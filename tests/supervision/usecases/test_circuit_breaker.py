"""Protection: a campaign keeps its rate, and pauses by itself where most messages fail."""

import asyncio
import logging
from datetime import timedelta

import pytest

from crm.access.store.audit_log import FirestoreAuditLog
from tests.delivery.campaign_stores import World
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 10, and a circuit that judges 20 messages."""
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 10)
    monkeypatch.setattr("crm.supervision.usecases.tick.CHUNK_SIZE", 10)
    monkeypatch.setenv("CRM_CIRCUIT_MINIMUM", "20")


async def test_rejections_pause_the_campaign_at_once(
    world: World, vendor_stub: VendorStub, caplog: pytest.LogCaptureFixture
) -> None:
    chunks = await world.sending(40)
    vendor_stub.rejects = {f"c{n}@example.com": "sender unknown" for n in range(40)}
    with caplog.at_level(logging.ERROR):
        for chunk in chunks:
            assert (await world.pushes("chunks", chunk)).status_code == 204
    paused = await world.campaign()
    assert (paused.status, paused.note) == ("paused", "Paused by itself: 20 of the last 20 messages failed.")
    assert await world.stats() == {"audience": 40, "pending": 20, "failed": 20}
    errors = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [getattr(each, "ids", {}).get("campaign_id") for each in errors] == ["c1"]
    (event,), _ = await FirestoreAuditLog(world.database).newest(world.now, 10)
    assert (event.by, event.action, event.subject, event.outcome) == (
        "circuit",
        "campaign.pause",
        "c1",
        "done",
    )
    assert event.reason == "20 of the last 20 messages failed."
    # Once the cause is gone, somebody lets it go on; what failed before is not held against it again.
    vendor_stub.rejects = {}
    resumed = await world.resumes()
    assert (resumed.status, resumed.note) == ("sending", None)
    await world.ticks()
    await world.handles("chunks")
    await world.ticks()
    assert await world.stats() == {"audience": 40, "sent": 20, "accepted": 20, "failed": 20}


async def test_bounces_pause_it_at_the_next_tick(world: World) -> None:
    first, second, _ = await world.sending(30)
    await world.pushes("chunks", first)
    await world.pushes("chunks", second)
    await world.ticks()
    rows = list((await world.rows()).values())
    await world.receives(rows[:12], status="failed")
    await world.receives(rows[12:19])
    await world.ticks()
    assert (await world.campaign()).status == "sending"  # 19 outcomes are too few to judge
    await world.receives(rows[19:])
    await world.ticks()
    paused = await world.campaign()
    assert (paused.status, paused.note) == ("paused", "Paused by itself: 12 of the last 20 messages failed.")


async def test_where_nobody_is_left_to_protect_nothing_is_paused(world: World) -> None:
    for chunk in await world.sending(20):
        await world.pushes("chunks", chunk)
    await world.ticks()
    await world.receives(list((await world.rows()).values()), status="failed")
    await world.ticks()
    assert (await world.campaign()).status == "finished"


async def test_failures_below_the_threshold_or_of_few_stop_nothing(
    world: World, vendor_stub: VendorStub
) -> None:
    vendor_stub.rejects = {f"c{n}@example.com": "full" for n in range(0, 30, 3)}
    for chunk in await world.sending(30):
        await world.pushes("chunks", chunk)
        await world.ticks()
    assert (await world.campaign()).status == "sending"


async def test_a_campaign_with_a_rate_takes_its_time(world: World, vendor_stub: VendorStub) -> None:
    assert await world.sending(45, rate=20) == []
    sent = []
    for _ in range(6):
        await asyncio.gather(*(world.ticks() for _ in range(3)))
        sent.append(await world.handles("chunks"))
        world.now += timedelta(seconds=30)
    assert sent == [1, 1, 1, 1, 1, 0]
    assert await world.stats() == {"audience": 45, "sent": 45, "accepted": 45}
    assert {len(call) for call in vendor_stub.calls} == {5, 10}


async def test_a_pause_is_not_made_up_for(world: World) -> None:
    await world.sending(45, rate=20)
    await world.ticks()
    await world.pauses()
    world.now += timedelta(hours=1)
    await world.resumes()
    assert len(world.takes("chunks")) == 1
    await world.ticks()
    assert len(world.takes("chunks")) == 1
    # Having stood still for an hour is no reason for an alarm: it was paused.
    assert (await world.campaign()).note is None


async def test_a_long_rest_is_left_to_the_tick(world: World, vendor_stub: VendorStub) -> None:
    (chunk,) = await world.sending(3)
    vendor_stub.refusals = [(429, {"Retry-After": "600"})]
    assert (await world.pushes("chunks", chunk)).status_code == 503
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 3, "pending": 3}
    world.now += timedelta(seconds=601)
    await world.ticks()
    await world.handles("chunks")
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 3}
