"""Scheduled campaigns start once, in time or not at all."""

from datetime import timedelta

import pytest

from crm.campaigns.campaign import Message
from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import NOW, customer, withdrawn
from tests.delivery.in_memory import InMemoryWorld


async def test_a_scheduled_campaign_is_launched_once_when_it_is_due(world: InMemoryWorld) -> None:
    world.has(customer(1))
    world.drafts(status="scheduled", schedule_at=NOW + timedelta(minutes=5))
    await world.ticks()
    assert world.campaign().status == "scheduled"
    world.now += timedelta(minutes=5)
    await world.ticks(3)
    launched = world.campaign()
    assert (launched.status, launched.frozen_at) == ("launching", world.now)
    assert len(world.takes("partitions")) == 1


async def test_a_missed_campaign_is_not_launched_late(world: InMemoryWorld) -> None:
    world.has(customer(1))
    world.drafts(status="scheduled", schedule_at=NOW)
    world.drafts(campaign_id="c2", status="scheduled", schedule_at=NOW + timedelta(seconds=1))
    world.now += timedelta(minutes=60, seconds=1)
    await world.ticks(3)
    missed = world.campaign()
    assert (missed.status, missed.launched_at) == ("missed", None)
    assert missed.note is not None
    assert missed.note.startswith("Its time passed")
    assert world.campaign("c2").status == "launching"
    # Three concurrent ticks did each thing once, and logged it once.
    assert sorted(
        (event.by, event.action, event.subject, event.detail, event.outcome) for event in world.events()
    ) == [
        ("schedule", "campaign.launch", "c2", "Spring", "done"),
        ("schedule", "campaign.miss", "c1", "Spring", "done"),
    ]
    # It may still be launched by hand.
    launched = await world.launches()
    assert (launched.status, launched.note) == ("launching", None)


async def test_a_campaign_unscheduled_while_the_tick_reads_it_is_not_launched(world: InMemoryWorld) -> None:
    world.has(customer(1))
    seen = world.drafts(status="scheduled", schedule_at=NOW)
    await world.wired.unschedule("c1")
    with pytest.raises(Conflict):
        await world.launches(due=seen)
    assert world.campaign().status == "draft"
    assert world.takes("partitions") == []


@pytest.mark.parametrize(
    ("message", "note"),
    [
        ("Hi", "audience: has nobody who can be reached"),
        ("{{ customer.nme }}", "message.body: line 1, column 4"),
    ],
)
async def test_a_scheduled_campaign_that_cannot_be_launched_needs_attention_and_stops_no_other(
    world: InMemoryWorld, message: str, note: str
) -> None:
    world.has(withdrawn(1), customer(2, email=None, phone="+44 20 7946 0018"))
    world.drafts(status="scheduled", schedule_at=NOW, channel="email", message=Message(body=message))
    world.drafts(campaign_id="c2", status="scheduled", schedule_at=NOW)
    await world.ticks()
    refused = world.campaign()
    assert refused.status == "needs_attention"
    assert refused.note is not None
    assert refused.note.startswith(note)
    assert {(event.by, event.action, event.subject, event.outcome) for event in world.events()} == {
        ("schedule", "campaign.launch", "c1", "refused"),
        ("schedule", "campaign.launch", "c2", "done"),
    }
    assert world.campaign("c2").status == "launching"
