"""Dispatching chunks: what a vendor may do to one, and what becomes of its recipients."""

from datetime import timedelta

import pytest

from crm.campaigns.campaign import Message
from crm.campaigns.message import MAX_SAMPLE_STEPS, MAX_STEPS, SHARED_STEPS, Budget, render
from crm.channels.outgoing import VendorAway, VendorRefused
from crm.customers.customer import Totals
from crm.delivery.chunk import Throttled
from crm.kernel.errors import NotFound, Unavailable
from tests.builders import message_to
from tests.delivery.campaign_stores import customer, withdrawn
from tests.delivery.in_memory import InMemoryWorld

BUSY = VendorAway("The vendor asked to wait.", nothing_taken=True, asked_to_wait=30)
BROKEN = VendorAway("The vendor answers with status 500.", nothing_taken=False)
REFUSED = VendorRefused("The vendor refused the batch with status 413.")


async def test_a_rejected_message_is_failed_with_the_vendors_reason(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(3)
    world.vendor.rejects["c1@example.com"] = "no such mailbox"
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 3, "sent": 2, "accepted": 2, "failed": 1}
    row = world.rows()["C-1"]
    assert (row.status, row.reason, row.sent_at) == ("failed", "no such mailbox", None)


async def test_a_message_that_the_answer_leaves_out_is_unknown_and_needs_attention(
    world: InMemoryWorld,
) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.leaves_out = {message_to("c1", "C-1")}
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 1, "accepted": 1, "unknown": 1}
    await world.receives([world.rows()["C-0"]])
    await world.ticks()
    closed = world.campaign()
    assert (closed.status, closed.note) == ("needs_attention", "1 message is unknown.")


async def test_a_chunk_is_sent_once_however_often_it_is_requested(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(5)
    for _ in range(2):
        await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 5, "sent": 5, "accepted": 5}
    assert [len(call) for call in world.vendor.calls] == [5]


async def test_customers_who_cannot_be_reached_any_more_are_skipped(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(3)
    world.has(withdrawn(0), customer(1, email=None, version=2), customer(9))
    await world.pushes("chunks", chunk)
    assert {name: row.reason for name, row in world.rows().items()} == {
        "C-0": "no_consent",
        "C-1": "no_address",
        "C-2": None,
    }
    assert [message.to for message in world.vendor.ledger.values()] == ["c2@example.com"]


async def test_a_chunk_without_reachable_recipients_needs_no_vendor(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(1)
    world.has(withdrawn(0))
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 1, "skipped": 1}
    assert world.vendor.calls == []


async def test_a_paused_campaign_and_another_rate_version_send_nothing(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    await world.pushes("chunks", {**chunk, "rate_version": 7})
    await world.pauses()
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "pending": 2}
    assert world.vendor.calls == []


async def test_an_unknown_chunk_is_not_found(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(1)
    with pytest.raises(NotFound):
        await world.pushes("chunks", {**chunk, "chunk_id": "0009-0009"})


async def test_a_batch_that_the_vendor_never_takes_fails(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.failures = [REFUSED] * 3
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "failed": 2}


async def test_the_one_message_that_the_vendor_refuses_fails_alone(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(20)
    world.vendor.chokes_on = {"c7@example.com"}
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 20, "sent": 19, "accepted": 19, "failed": 1}
    row = world.rows()["C-7"]
    assert (row.status, row.reason) == ("failed", "The vendor refused the batch with status 422.")
    assert len(world.vendor.ledger) == 19


async def test_a_vendor_that_refuses_everything_is_not_called_for_ever(
    world: InMemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.delivery.usecases.hand_over.MAX_REFUSALS", 5)
    (chunk,) = await world.sending(20)
    world.vendor.chokes_on = {f"c{n}@example.com" for n in range(20)}
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 20, "failed": 20}
    assert len(world.vendor.calls) < 20


async def test_a_vendor_that_goes_away_between_two_halves_sends_nothing_twice(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(4)
    # The whole batch is refused, one half is taken, then the vendor is busy.
    world.vendor.failures = [REFUSED, None, BUSY]
    with pytest.raises(VendorAway) as raised:
        await world.pushes("chunks", chunk)
    assert not raised.value.nothing_taken
    assert world.stats() == {"audience": 4, "pending": 4}
    world.now += timedelta(seconds=30)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 4, "sent": 4, "accepted": 4}
    assert len(world.vendor.ledger) == 4


async def test_a_throttling_vendor_is_not_called_before_its_retry_after(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.failures = [BUSY]
    with pytest.raises(VendorAway):
        await world.pushes("chunks", chunk)
    world.now += timedelta(seconds=20)
    with pytest.raises(Throttled):
        await world.pushes("chunks", chunk)
    assert len(world.vendor.calls) == 1
    world.now += timedelta(seconds=10)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


async def test_a_long_wait_is_left_to_the_tick(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(3)
    world.vendor.failures = [VendorAway("Wait.", nothing_taken=True, asked_to_wait=600)]
    with pytest.raises(VendorAway):
        await world.pushes("chunks", chunk)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 3, "pending": 3}
    world.now += timedelta(seconds=601)
    await world.ticks()
    await world.handles("chunks")
    assert world.stats() == {"audience": 3, "sent": 3, "accepted": 3}


async def test_after_a_vendor_error_the_chunk_is_free_again(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.failures = [BROKEN, BROKEN]
    for _ in range(2):
        with pytest.raises(Unavailable):
            await world.pushes("chunks", chunk)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


async def test_after_a_lost_answer_the_chunk_is_sent_again_under_the_same_ids(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.loses_answers = True
    with pytest.raises(Unavailable):
        await world.pushes("chunks", chunk)
    world.vendor.loses_answers = False
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 2}
    assert len(world.vendor.ledger) == 2


async def test_a_possibly_sent_chunk_is_not_sent_again_once_the_vendor_has_forgotten_its_ids(
    world: InMemoryWorld,
) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.loses_answers = True
    with pytest.raises(Unavailable):
        await world.pushes("chunks", chunk)
    world.vendor.loses_answers = False
    world.vendor.failures = [BROKEN]
    world.now += timedelta(hours=23)
    with pytest.raises(Unavailable):
        await world.pushes("chunks", chunk)  # possibly sent again, but the first attempt counts
    world.now += timedelta(hours=1)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "unknown": 2}
    assert len(world.vendor.calls) == 2
    reasons = {row.reason for row in world.rows().values()}
    assert reasons == {"An earlier try may have sent it; then: the vendor would take it for a new one."}
    await world.receives(list(world.rows().values()))
    assert world.stats() == {"audience": 2, "sent": 2, "delivered": 2}


async def test_a_chunk_that_was_certainly_not_sent_is_sent_however_late(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.failures = [BUSY]
    with pytest.raises(VendorAway):
        await world.pushes("chunks", chunk)
    world.now += timedelta(days=3)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


async def test_consent_withdrawn_after_a_lost_answer_leaves_the_message_unknown_until_a_receipt(
    world: InMemoryWorld,
) -> None:
    (chunk,) = await world.sending(2)
    world.vendor.loses_answers = True
    with pytest.raises(Unavailable):
        await world.pushes("chunks", chunk)
    world.vendor.loses_answers = False
    world.has(withdrawn(0))
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 2, "sent": 1, "accepted": 1, "unknown": 1}
    await world.receives(list(world.rows().values()))
    assert world.stats() == {"audience": 2, "sent": 2, "delivered": 2}


@pytest.mark.parametrize(
    "template",
    [
        "{{ (1..customer.order_count) | join: '' }}",
        "{% if (1..customer.order_count) contains 'x' %}{% endif %}Hi",
        "{% for i in (1..customer.order_count) %}x{% endfor %}Hi",
    ],
)
async def test_a_customer_whose_values_explode_is_failed_alone(world: InMemoryWorld, template: str) -> None:
    (chunk,) = await world.sending(3, message=Message(body=template + "{{ customer.order_count }}"))
    world.has(customer(1, version=2, totals=Totals(order_count=10**9)))
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 3, "sent": 2, "accepted": 2, "failed": 1}
    row = world.rows()["C-1"]
    assert row.reason is not None
    assert row.reason.startswith("The message could not be rendered")
    assert "message.body: line 1, column" in row.reason
    assert "a range of more than 1,000 numbers" in row.reason


async def test_a_chunk_whose_messages_take_too_much_work_ends_with_reasons(world: InMemoryWorld) -> None:
    loop = "{% for i in (1..customer.order_count) %}{% if i == 0 %}{% endif %}{% endfor %}x"
    (chunk,) = await world.sending(40, message=Message(body=loop))
    world.has(*(customer(n, version=2, totals=Totals(order_count=990)) for n in range(40)))
    alone = Budget()
    render(Message(body=loop), customer(0, totals=Totals(order_count=990)), "", alone)
    within = 40 * SHARED_STEPS // (MAX_STEPS - alone.left - MAX_SAMPLE_STEPS)
    await world.pushes("chunks", chunk)
    assert world.stats() == {"audience": 40, "sent": within, "accepted": within, "failed": 40 - within}
    reasons = {row.reason for row in world.rows().values() if row.status == "failed"}
    assert all("too much work" in (reason or "") for reason in reasons)
