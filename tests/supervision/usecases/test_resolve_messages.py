"""Retrying failed messages and resolving unknown ones: no recipient is lost, none gets a message twice."""

import asyncio
from collections import Counter

import pytest

from crm.campaigns.campaign import Campaign
from crm.kernel.errors import Conflict
from tests.builders import message_to
from tests.delivery.campaign_stores import withdrawn
from tests.delivery.in_memory import InMemoryWorld


async def half_failed(world: InMemoryWorld) -> None:
    """Finished: of six two were rejected, one bounced, three were delivered."""
    world.vendor.rejects = {f"c{n}@example.com": "busy" for n in (0, 1)}
    (chunk,) = await world.sending(6)
    await world.pushes("chunks", chunk)
    rows = world.rows()
    await world.receives([rows["C-2"]], status="failed", reason="bounced")
    await world.receives([rows[f"C-{n}"] for n in (3, 4, 5)])
    await world.ticks()
    assert world.campaign().status == "finished"
    world.vendor.rejects = {}


async def test_only_the_failed_are_sent_again_and_each_is_counted_once(world: InMemoryWorld) -> None:
    await half_failed(world)
    asked = await world.resolves()
    assert (asked.status, asked.resolution, asked.retry_round, asked.finished_at) == (
        "sending",
        "retry_failed",
        1,
        None,
    )
    assert world.stats() == {"audience": 6, "sent": 3, "delivered": 3, "failed": 3}
    await world.ticks()
    assert world.stats() == {"audience": 6, "pending": 3, "sent": 3, "delivered": 3}
    assert await world.handles("chunks") == 1
    assert world.stats() == {"audience": 6, "sent": 6, "accepted": 3, "delivered": 3}
    assert {message.message_id for message in world.vendor.calls[-1]} == {
        message_to("c1", f"C-{n}", 1) for n in (0, 1, 2)
    }
    rows = world.rows()
    await world.receives([rows[f"C-{n}"] for n in (0, 1, 2)])
    await world.ticks()
    await world.ticks()
    done = world.campaign()
    assert (done.status, done.resolution) == ("finished", None)
    assert world.stats() == {"audience": 6, "sent": 6, "delivered": 6}
    old = [row for row in world.db.rows.values_of() if row.status == "retried"]
    assert Counter(row.reason for row in old) == {"busy": 2, "bounced": 1}
    # Receipts for the old messages change nothing.
    await world.receives(old)
    assert world.stats() == {"audience": 6, "sent": 6, "delivered": 6}


async def test_repeated_requests_and_concurrent_ticks_are_harmless(
    world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await half_failed(world)
    monkeypatch.setattr("crm.supervision.usecases.resolve_messages.CHUNK_SIZE", 1)
    outcomes = await asyncio.gather(*(world.resolves() for _ in range(4)), return_exceptions=True)
    assert all(isinstance(each, Campaign | Conflict) for each in outcomes)
    for _ in range(4):
        await world.ticks(3)
    assert (await world.resolves()).retry_round == 1
    await world.handles("chunks")
    await world.handles("chunks")
    assert world.stats() == {"audience": 6, "sent": 6, "accepted": 3, "delivered": 3}
    # Only the three of the first round, never a recipient who has the message already.
    again = [message.message_id for call in world.vendor.calls[1:] for message in call]
    assert sorted(again) == sorted(message_to("c1", f"C-{n}", 1) for n in (0, 1, 2))
    assert (await world.resolves()).resolution is None


async def test_a_message_that_fails_again_waits_for_the_next_round(world: InMemoryWorld) -> None:
    await half_failed(world)
    world.vendor.rejects = {"c0@example.com": "still busy"}
    for turn in (1, 2):
        await world.resolves()
        await world.ticks()
        await world.handles("chunks")
        await world.ticks()
        assert world.campaign().retry_round == turn
        assert world.stats() == {"audience": 6, "sent": 5, "accepted": 2, "delivered": 3, "failed": 1}
    assert world.rows()["C-0"].message_id == message_to("c1", "C-0", 2)


async def test_many_rows_take_several_ticks(world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await half_failed(world)
    monkeypatch.setattr("crm.supervision.usecases.resolve_messages.CHUNK_SIZE", 1)
    monkeypatch.setattr("crm.supervision.usecases.resolve_messages.COMMITS", 2)
    # Messages that fail again before the others have had their turn do not delay these.
    world.vendor.rejects = {f"c{n}@example.com": "busy" for n in range(6)}
    await world.resolves()
    for _ in range(4):
        await world.ticks()
        await world.handles("chunks")
    assert world.campaign().resolution is None
    assert {row.retry_round for row in world.rows().values()} == {0, 1}
    assert world.stats() == {"audience": 6, "sent": 3, "delivered": 3, "failed": 3}


async def test_a_recipient_without_consent_gets_no_second_message(world: InMemoryWorld) -> None:
    await half_failed(world)
    world.has(withdrawn(0))
    await world.resolves()
    await world.ticks()
    await world.handles("chunks")
    assert world.stats() == {"audience": 6, "sent": 5, "accepted": 2, "delivered": 3, "skipped": 1}


async def unknown(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    await world.receives([world.rows()["C-0"]])
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert world.campaign().status == "needs_attention"


async def test_unknown_messages_are_marked_as_sent(world: InMemoryWorld) -> None:
    await unknown(world)
    await world.resolves("mark_as_sent")
    await world.ticks()
    await world.ticks()
    settled = world.campaign()
    assert (settled.status, settled.note) == ("finished", None)
    assert world.stats() == {"audience": 3, "sent": 3, "accepted": 2, "delivered": 1}
    assert len(world.vendor.calls) == 1
    # A receipt may still come.
    await world.receives([world.rows()["C-1"]], status="failed")
    assert world.stats() == {"audience": 3, "sent": 2, "accepted": 1, "delivered": 1, "failed": 1}


async def test_unknown_messages_are_sent_again(world: InMemoryWorld) -> None:
    await unknown(world)
    await world.resolves("send_again")
    with pytest.raises(Conflict, match="still carrying out"):
        await world.resolves("mark_as_sent")
    await world.ticks()
    await world.handles("chunks")
    assert world.stats() == {"audience": 3, "sent": 3, "accepted": 2, "delivered": 1}
    assert {message.message_id for message in world.vendor.calls[-1]} == {
        message_to("c1", name, 1) for name in ("C-1", "C-2")
    }


async def test_a_resolution_without_rows_changes_nothing(world: InMemoryWorld) -> None:
    await world.sending(2)
    before = world.campaign()
    for resolution in ("retry_failed", "send_again", "mark_as_sent"):
        assert await world.resolves(resolution) == before
    await world.pauses()
    with pytest.raises(Conflict, match="is paused"):
        await world.resolves()


async def test_a_slow_worker_changes_no_row_of_a_closed_campaign(world: InMemoryWorld) -> None:
    """The tick no longer looks at it, so a recipient who is pending again would stay pending."""
    world.vendor.rejects = {"c0@example.com": "busy"}
    (chunk,) = await world.sending(2)
    await world.pushes("chunks", chunk)
    asked = await world.resolves()
    await world.cancels()
    await world.receives([world.rows()["C-1"]])
    await world.ticks()
    assert world.campaign().finished_at is not None
    with pytest.raises(Conflict):
        await world.wired.resolve_messages(asked, world.now)
    assert world.stats() == {"audience": 2, "sent": 1, "delivered": 1, "failed": 1}


async def test_a_cancelled_campaign_is_not_resolved_further(world: InMemoryWorld) -> None:
    world.vendor.rejects = {"c0@example.com": "busy"}
    (chunk,) = await world.sending(2)
    await world.pushes("chunks", chunk)
    await world.resolves()
    await world.cancels()
    await world.ticks()
    assert world.takes("chunks") == []
    assert world.stats() == {"audience": 2, "sent": 1, "accepted": 1, "failed": 1}
