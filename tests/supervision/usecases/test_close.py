"""Closing a campaign, and what late receipts make of a closed one."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from crm.campaigns.campaign import RowStatus
from crm.supervision.reconciliation import CounterSnapshot
from tests.delivery.campaign_stores import customer, withdrawn
from tests.delivery.in_memory import InMemoryWorld


async def unknown(world: InMemoryWorld, count: int = 2) -> list[str]:
    """A closed campaign without any receipt. The ids of its messages, all unknown."""
    (chunk,) = await world.sending(count)
    await world.pushes("chunks", chunk)
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert world.campaign().note == f"{count} messages are unknown."
    return [row.message_id for row in world.rows().values()]


def says(world: InMemoryWorld) -> tuple[str, str | None]:
    campaign = world.campaign()
    return campaign.status, campaign.note


async def test_a_campaign_whose_recipients_all_left_is_finished(world: InMemoryWorld) -> None:
    world.has(customer(1))
    world.drafts()
    await world.launches()
    world.has(withdrawn(1))
    for topic in ("partitions", "chunks"):
        await world.handles(topic)
    await world.ticks(3)
    assert world.campaign().status == "finished"
    assert world.stats() == {"audience": 1, "skipped": 1}


async def test_late_receipts_settle_a_campaign_that_needed_attention(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    rows = list(world.rows().values())
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    waiting = world.campaign()
    assert (waiting.status, waiting.note) == ("needs_attention", "3 messages are unknown.")
    await world.receives(rows[:1])
    world.now += timedelta(hours=1)
    await world.ticks()
    waiting = world.campaign()
    assert (waiting.status, waiting.note) == ("needs_attention", "2 messages are unknown.")
    await world.receives(rows[1:])
    await world.ticks()
    settled = world.campaign()
    assert (settled.status, settled.note, settled.finished_at) == ("finished", None, world.now)


async def test_the_watch_ends_after_seven_days(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(1)
    await world.pushes("chunks", chunk)
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert world.needs_tick() == ["c1"]
    world.now += timedelta(days=7)
    await world.ticks()
    assert world.needs_tick() == []
    assert world.campaign().status == "needs_attention"


async def test_a_receipt_after_the_end_of_the_watch_settles_the_campaign(
    world: InMemoryWorld,
) -> None:
    first, second = await unknown(world)
    world.now += timedelta(days=8)
    await world.ticks()
    assert world.needs_tick() == []
    await world.reports([first])
    await world.ticks()
    assert says(world) == ("needs_attention", "1 message is unknown.")
    assert world.needs_tick() == []
    await world.reports([second])
    await world.ticks()
    assert says(world) == ("finished", None)
    assert world.needs_tick() == []


async def test_a_receipt_that_comes_while_the_tick_ends_the_watch_reopens_the_campaign(
    world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = await unknown(world)
    world.now += timedelta(days=8)
    row_counts = world.wired.counts.row_counts

    async def interrupted(campaign_id: str, snapshot: CounterSnapshot) -> Mapping[RowStatus, int]:
        """The tick has read the campaign and its figures when the receipts come."""
        while messages:
            await world.reports([messages.pop()])
        return await row_counts(campaign_id, snapshot)

    monkeypatch.setattr(world.wired.counts, "row_counts", interrupted)
    await world.ticks()
    await world.ticks()
    assert says(world) == ("finished", None)


async def test_the_note_of_a_cancelled_campaign_follows_late_receipts(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    await world.cancels()
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert says(world) == ("cancelled", "3 messages are unknown.")
    first, *others = [row.message_id for row in world.rows().values()]
    await world.reports([first])
    await world.ticks()
    assert says(world) == ("cancelled", "2 messages are unknown.")
    assert world.needs_tick() == []
    await world.reports(others)
    await world.ticks()
    assert says(world) == ("cancelled", None)
    assert world.needs_tick() == []
