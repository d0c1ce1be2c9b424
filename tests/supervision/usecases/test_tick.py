"""The tick: brings on what was lost, starts what is due, closes what is over; also twice at once."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from crm.access.store.audit_log import FirestoreAuditLog
from crm.campaigns.campaign import Message
from crm.campaigns.usecases.unschedule import Unschedule
from crm.delivery.freezing import chunks_of
from crm.delivery.message_ids import message_id
from crm.delivery.receipts import Receipt
from crm.delivery.store.chunks import Chunks
from crm.delivery.store.receipts import FirestoreReceipts
from crm.delivery.usecases.apply_receipts import apply_receipts
from crm.delivery.usecases.freeze import freeze
from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import NOW, World, body, customer, withdrawn
from tests.support import guarded_client_of
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


async def ticks_at_once(world: World) -> None:
    await asyncio.gather(*(world.ticks() for _ in range(3)))


async def test_a_lost_launch_is_brought_on_step_by_step(world: World, vendor_stub: VendorStub) -> None:
    await world.has(*(customer(n) for n in range(4)))
    await world.drafts()
    await world.launches()
    world.takes("launches")
    await world.ticks()
    assert world.takes("partitions") == []
    world.now += world.lease
    await world.ticks()
    assert world.takes("partitions") == [body(campaign_id="c1", partition=0)]
    await world.ticks()
    assert await world.handles("partitions") == 1
    # The chunks were published, and are lost.
    assert len(world.takes("chunks")) == 1
    await world.ticks()
    assert world.takes("chunks") == []
    world.now += world.lease
    await world.ticks()
    await ticks_at_once(world)
    assert await world.handles("chunks") == 1
    assert await world.stats() == {"audience": 4, "sent": 4, "accepted": 4}
    assert len(vendor_stub.ledger) == 4


async def test_a_campaign_whose_last_worker_died_before_the_start_is_started(
    world: World,
) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    campaign = await world.campaign()
    part = await world.lists.part(campaign.frozen_list or "", 0)
    assert part is not None
    chunks = chunks_of(campaign, 0, part.customer_ids)
    await world.frozen.freeze(campaign, 0, part, chunks, NOW + world.lease)
    world.now += world.lease
    await ticks_at_once(world)
    assert (await world.campaign()).status == "sending"
    await world.handles("chunks")
    assert await world.stats() == {"audience": 1, "sent": 1, "accepted": 1}


async def test_a_chunk_whose_worker_vanished_is_published_when_its_lease_ends(
    world: World, vendor_stub: VendorStub
) -> None:
    await world.sending(2)
    assert await Chunks(world.database).claim("c1", "0000-0000", NOW, NOW + world.lease)
    await world.ticks()
    assert world.takes("chunks") == []
    world.now += world.lease
    await world.ticks()
    assert await world.handles("chunks") == 1
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


async def test_a_scheduled_campaign_starts_when_it_is_due_and_once(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(status="scheduled", schedule_at=NOW + timedelta(minutes=5))
    await world.ticks()
    assert (await world.campaign()).status == "scheduled"
    world.now += timedelta(minutes=5)
    await ticks_at_once(world)
    launched = await world.campaign()
    assert (launched.status, launched.frozen_at) == ("launching", world.now)
    assert len(world.takes("launches")) == 1


async def test_a_missed_schedule_is_not_sent_by_surprise(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(status="scheduled", schedule_at=NOW)
    await world.drafts(campaign_id="c2", status="scheduled", schedule_at=NOW + timedelta(seconds=1))
    world.now += timedelta(minutes=60, seconds=1)
    await ticks_at_once(world)
    missed = await world.campaign()
    assert (missed.status, missed.launched_at) == ("missed", None)
    assert missed.note is not None
    assert missed.note.startswith("Its time passed")
    assert (await world.campaign("c2")).status == "launching"
    # Three ticks at once did each thing once, and so it is recorded.
    events, _ = await FirestoreAuditLog(world.database).newest(world.now, 10)
    assert sorted(
        (event.by, event.action, event.subject, event.detail, event.outcome) for event in events
    ) == [
        ("schedule", "campaign.launch", "c2", "Spring", "done"),
        ("schedule", "campaign.miss", "c1", "Spring", "done"),
    ]
    # By hand it may still be sent.
    launched = await world.launches()
    assert (launched.status, launched.note) == ("launching", None)


async def test_a_schedule_that_is_taken_back_while_the_tick_looks_is_not_sent(world: World) -> None:
    await world.has(customer(1))
    seen = await world.drafts(status="scheduled", schedule_at=NOW)
    await Unschedule(campaigns=world.campaigns)("c1")
    with pytest.raises(Conflict):
        await world.launches(due=seen)
    assert (await world.campaign()).status == "draft"
    assert world.takes("launches") == []


@pytest.mark.parametrize(
    ("message", "note"),
    [
        ("Hi", "audience: has nobody who can be reached"),
        ("{{ customer.nme }}", "message.body: line 1, column 4"),
    ],
)
async def test_a_scheduled_campaign_that_cannot_start_asks_for_attention_and_stops_no_other(
    world: World, message: str, note: str
) -> None:
    await world.has(withdrawn(1), customer(2, email=None, phone="+44 20 7946 0018"))
    await world.drafts(status="scheduled", schedule_at=NOW, channel="email", message=Message(body=message))
    await world.drafts(campaign_id="c2", status="scheduled", schedule_at=NOW)
    await world.ticks()
    refused = await world.campaign()
    assert refused.status == "needs_attention"
    assert refused.note is not None
    assert refused.note.startswith(note)
    events, _ = await FirestoreAuditLog(world.database).newest(world.now, 10)
    assert {(event.by, event.action, event.subject, event.outcome) for event in events} == {
        ("schedule", "campaign.launch", "c1", "refused"),
        ("schedule", "campaign.launch", "c2", "done"),
    }
    # It can be corrected, and is a draft again.
    mended = await world.campaigns.update_draft("c1", message=Message(body="Hi"), schedule_at=None)
    assert (mended.status, mended.note) == ("draft", None)
    assert (await world.campaign("c2")).status == "launching"


async def test_a_bug_over_one_campaign_stops_no_other_and_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.has(customer(1))
    for name in ("c1", "c2"):
        await world.drafts(campaign_id=name)
        await world.launches(name)
    world.takes("launches")  # lost

    async def poisoned(campaigns: Any, lists: Any, frozen: Any, broker: Any, name: str) -> None:
        if name == "c1":
            raise RuntimeError("a bug")
        await freeze(campaigns, lists, frozen, broker, name)

    monkeypatch.setattr("crm.supervision.usecases.tick.freeze", poisoned)
    world.http = guarded_client_of(world.module, headers=world.push_headers)
    world.now += timedelta(minutes=10)

    assert (await world.http.post("/events/tick")).status_code == 500
    assert [json.loads(message)["campaign_id"] for message in world.takes("partitions")] == ["c2"]


async def test_a_receipt_that_came_before_its_row_is_joined(world: World) -> None:
    (chunk,) = await world.sending(2)
    row_id = message_id("c1", "C-0")
    early = Receipt(message_id=row_id, status="delivered", occurred_at=NOW)
    await apply_receipts(FirestoreReceipts(world.database), [early])
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}
    await ticks_at_once(world)
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 1, "delivered": 1}


async def test_after_the_vendors_silence_what_it_never_told_is_unknown(world: World) -> None:
    (chunk,) = await world.sending(5)
    await world.pushes("chunks", chunk)
    rows = await world.rows()
    await world.receives([rows["C-0"], rows["C-1"]])
    world.now += world.silence - timedelta(seconds=1)
    await world.ticks()
    assert (await world.campaign()).status == "sending"
    world.now += timedelta(seconds=1)
    await ticks_at_once(world)
    assert await world.stats() == {"audience": 5, "sent": 2, "delivered": 2, "unknown": 3}
    assert (await world.rows())["C-2"].reason == "No receipt came within 72 hours."
    await ticks_at_once(world)
    closed = await world.campaign()
    assert (closed.status, closed.note) == ("needs_attention", "3 messages are unknown.")
    # A receipt that comes later still moves its row.
    await world.receives([rows["C-2"]])
    assert await world.stats() == {"audience": 5, "sent": 3, "delivered": 3, "unknown": 2}


async def test_a_campaign_without_anybody_left_to_write_to_is_finished(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    await world.has(withdrawn(1))
    for topic in ("launches", "partitions", "chunks"):
        await world.handles(topic)
    await ticks_at_once(world)
    assert (await world.campaign()).status == "finished"
    assert await world.stats() == {"audience": 1, "skipped": 1}
