"""Retrying failed messages and deciding on unknown ones: nobody is lost, nobody who had it gets it again."""

import asyncio
from collections import Counter

import pytest

from crm.campaigns.campaign import Campaign, Resolution
from crm.campaigns.store.counters import Counters
from crm.delivery.message_ids import message_id
from crm.kernel.errors import Conflict
from crm.supervision.store.resolutions import FirestoreResolutions
from crm.supervision.usecases.resolve import ResolveMessages, request_resolution
from tests.delivery.campaign_stores import World, withdrawn
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


async def ask(world: World, resolution: Resolution = "retry_failed") -> Campaign:
    return await request_resolution(world.campaigns, Counters(world.database), "c1", resolution, world.now)


async def half_failed(world: World, vendor_stub: VendorStub) -> None:
    """Finished: of six two were rejected, one bounced, three were delivered."""
    vendor_stub.rejects = {f"c{n}@example.com": "busy" for n in (0, 1)}
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    rows = await world.rows()
    await world.receives([rows["C-2"]], status="failed", reason="bounced")
    await world.receives([rows[f"C-{n}"] for n in (3, 4, 5)])
    await world.ticks()
    assert (await world.campaign()).status == "finished"
    vendor_stub.rejects = {}


async def test_only_the_failed_are_sent_again_and_each_is_counted_once(
    world: World, vendor_stub: VendorStub
) -> None:
    await half_failed(world, vendor_stub)
    asked = await ask(world)
    assert (asked.status, asked.resolution, asked.retry_round, asked.finished_at) == (
        "sending",
        "retry_failed",
        1,
        None,
    )
    assert await world.stats() == {"audience": 6, "sent": 3, "delivered": 3, "failed": 3}
    await world.ticks()
    assert await world.stats() == {"audience": 6, "pending": 3, "sent": 3, "delivered": 3}
    assert await world.handles("chunks") == 1
    assert await world.stats() == {"audience": 6, "sent": 6, "accepted": 3, "delivered": 3}
    assert {message["id"] for message in vendor_stub.calls[-1]} == {
        message_id("c1", f"C-{n}", 1) for n in (0, 1, 2)
    }
    rows = await world.rows()
    await world.receives([rows[f"C-{n}"] for n in (0, 1, 2)])
    await world.ticks()
    await world.ticks()
    done = await world.campaign()
    assert (done.status, done.resolution) == ("finished", None)
    assert await world.stats() == {"audience": 6, "sent": 6, "delivered": 6}
    old = [row for row in await world.log.of_campaign("c1", 100) if row.status == "retried"]
    assert Counter(row.reason for row in old) == {"busy": 2, "bounced": 1}
    # What is still said of the old messages changes nothing.
    await world.receives(old)
    assert await world.stats() == {"audience": 6, "sent": 6, "delivered": 6}


async def test_asking_again_and_ticking_at_once_is_harmless(
    world: World, vendor_stub: VendorStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await half_failed(world, vendor_stub)
    monkeypatch.setattr("crm.supervision.usecases.resolve.CHUNK_SIZE", 1)
    outcomes = await asyncio.gather(*(ask(world) for _ in range(4)), return_exceptions=True)
    assert all(isinstance(each, Campaign | Conflict) for each in outcomes)
    for _ in range(4):
        await asyncio.gather(*(world.ticks() for _ in range(3)))
    assert (await ask(world)).retry_round == 1
    await world.handles("chunks")
    await world.handles("chunks")
    assert await world.stats() == {"audience": 6, "sent": 6, "accepted": 3, "delivered": 3}
    # Three of the first round at most, and never anybody who had it already.
    again = [m["id"] for call in vendor_stub.calls[1:] for m in call]
    assert sorted(again) == sorted(message_id("c1", f"C-{n}", 1) for n in (0, 1, 2))
    assert (await ask(world)).resolution is None


async def test_what_fails_again_waits_for_the_next_round(world: World, vendor_stub: VendorStub) -> None:
    await half_failed(world, vendor_stub)
    vendor_stub.rejects = {"c0@example.com": "still busy"}
    for turn in (1, 2):
        await ask(world)
        await world.ticks()
        await world.handles("chunks")
        await world.ticks()
        assert (await world.campaign()).retry_round == turn
        assert await world.stats() == {"audience": 6, "sent": 5, "accepted": 2, "delivered": 3, "failed": 1}
    assert (await world.rows())["C-0"].message_id == message_id("c1", "C-0", 2)


async def test_many_rows_take_several_ticks(
    world: World, vendor_stub: VendorStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await half_failed(world, vendor_stub)
    monkeypatch.setattr("crm.supervision.usecases.resolve.CHUNK_SIZE", 1)
    monkeypatch.setattr("crm.supervision.usecases.resolve.COMMITS", 2)
    # Those that fail at once again, before the others had their turn, do not stand in their way.
    vendor_stub.rejects = {f"c{n}@example.com": "busy" for n in range(6)}
    await ask(world)
    for _ in range(4):
        await world.ticks()
        await world.handles("chunks")
    assert (await world.campaign()).resolution is None
    assert {row.retry_round for row in (await world.rows()).values()} == {0, 1}
    assert await world.stats() == {"audience": 6, "sent": 3, "delivered": 3, "failed": 3}


async def test_who_withdrew_consent_meanwhile_gets_no_second_message(
    world: World, vendor_stub: VendorStub
) -> None:
    await half_failed(world, vendor_stub)
    await world.has(withdrawn(0))
    await ask(world)
    await world.ticks()
    await world.handles("chunks")
    assert await world.stats() == {"audience": 6, "sent": 5, "accepted": 2, "delivered": 3, "skipped": 1}


async def unknown(world: World) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    await world.receives([(await world.rows())["C-0"]])
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert (await world.campaign()).status == "needs_attention"


async def test_unknown_messages_are_held_for_sent(world: World, vendor_stub: VendorStub) -> None:
    await unknown(world)
    await ask(world, "take_as_sent")
    await world.ticks()
    await world.ticks()
    settled = await world.campaign()
    assert (settled.status, settled.note) == ("finished", None)
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 2, "delivered": 1}
    assert len(vendor_stub.calls) == 1
    # A receipt may still come.
    await world.receives([(await world.rows())["C-1"]], status="failed")
    assert await world.stats() == {"audience": 3, "sent": 2, "accepted": 1, "delivered": 1, "failed": 1}


async def test_unknown_messages_are_sent_again(world: World, vendor_stub: VendorStub) -> None:
    await unknown(world)
    await ask(world, "send_again")
    with pytest.raises(Conflict, match="busy"):
        await ask(world, "take_as_sent")
    await world.ticks()
    await world.handles("chunks")
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 2, "delivered": 1}
    assert {message["id"] for message in vendor_stub.calls[-1]} == {
        message_id("c1", name, 1) for name in ("C-1", "C-2")
    }


async def test_nothing_to_do_changes_nothing(world: World) -> None:
    await world.sending(2)
    before = await world.campaign()
    for resolution in ("retry_failed", "send_again", "take_as_sent"):
        assert await ask(world, resolution) == before
    await world.pauses()
    with pytest.raises(Conflict, match="is paused"):
        await ask(world)


async def test_who_was_asleep_moves_no_row_of_a_campaign_that_is_over(
    world: World, vendor_stub: VendorStub
) -> None:
    """Nobody tends it any more, so a recipient who is pending again would be so for ever."""
    vendor_stub.rejects = {"c0@example.com": "busy"}
    (chunk,) = await world.sending(2)
    await world.pushes("chunks", chunk)
    asked = await ask(world)
    await world.cancels()
    await world.receives([(await world.rows())["C-1"]])
    await world.ticks()
    assert (await world.campaign()).finished_at is not None
    asleep = ResolveMessages(
        campaigns=world.campaigns,
        messages=world.log,
        book=FirestoreResolutions(world.database),
        broker=world.publisher,
        patience=world.lease,
    )
    with pytest.raises(Conflict):
        await asleep(asked, world.now)
    assert await world.stats() == {"audience": 2, "sent": 1, "delivered": 1, "failed": 1}


async def test_a_cancelled_campaign_is_reworked_no_further(world: World, vendor_stub: VendorStub) -> None:
    vendor_stub.rejects = {"c0@example.com": "busy"}
    (chunk,) = await world.sending(2)
    await world.pushes("chunks", chunk)
    await ask(world)
    await world.cancels()
    await world.ticks()
    assert world.takes("chunks") == []
    assert await world.stats() == {"audience": 2, "sent": 1, "accepted": 1, "failed": 1}
