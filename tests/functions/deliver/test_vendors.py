"""What a vendor may do to a chunk: refuse, choke, hang, forget, ask to wait."""

from datetime import timedelta

import pytest

from crm.delivery.message_ids import message_id
from tests.delivery.campaign_stores import World, withdrawn
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


async def test_who_the_vendor_rejects_failed_with_its_reason(world: World, vendor_stub: VendorStub) -> None:
    (chunk,) = await world.sending(3)
    vendor_stub.rejects["c1@example.com"] = "no such mailbox"
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 3, "sent": 2, "accepted": 2, "failed": 1}
    row = (await world.rows())["C-1"]
    assert (row.status, row.reason, row.sent_at) == ("failed", "no such mailbox", None)


async def test_what_the_vendor_says_nothing_of_is_unknown_and_needs_attention(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.forget = {message_id("c1", "C-1")}
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 2, "sent": 1, "accepted": 1, "unknown": 1}
    await world.receives([(await world.rows())["C-0"]])
    await world.ticks()
    closed = await world.campaign()
    assert (closed.status, closed.note) == ("needs_attention", "1 message is unknown.")


async def test_a_batch_that_the_vendor_will_never_take_fails(world: World, vendor_stub: VendorStub) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.refusals = [(413, {})] * 3
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 2, "failed": 2}


async def test_one_message_that_the_vendor_chokes_on_fails_alone(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(20)
    vendor_stub.chokes_on = {"c7@example.com"}
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 20, "sent": 19, "accepted": 19, "failed": 1}
    row = (await world.rows())["C-7"]
    assert (row.status, row.reason) == ("failed", "The vendor refused the batch with status 422.")
    assert len(vendor_stub.ledger) == 19


async def test_a_vendor_that_chokes_on_everything_is_not_asked_for_ever(
    world: World, vendor_stub: VendorStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.delivery.usecases.dispatch.REFUSALS", 5)
    (chunk,) = await world.sending(20)
    vendor_stub.chokes_on = {f"c{n}@example.com" for n in range(20)}
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 20, "failed": 20}
    assert len(vendor_stub.calls) < 20


async def test_a_vendor_that_goes_away_amid_the_halving_sends_nothing_twice(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(4)
    # The whole is refused, one half is taken, then it is busy.
    vendor_stub.refusals = [(422, {}), (200, {}), (429, {"Retry-After": "1"})]
    assert (await world.pushes("chunks", chunk)).status_code == 503
    assert await world.stats() == {"audience": 4, "pending": 4}
    world.now += timedelta(seconds=2)
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 4, "sent": 4, "accepted": 4}
    assert len(vendor_stub.ledger) == 4


async def test_a_vendor_that_is_slow_over_a_chunk_is_given_up_within_the_lease(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    world.module.lease = timedelta(seconds=1)  # type: ignore[attr-defined]
    vendor_stub.hang = 2
    answer = await world.pushes("chunks", chunk)
    assert (answer.status_code, answer.json()["detail"]) == (503, "The vendor takes too long over a chunk.")
    assert await world.stats() == {"audience": 2, "pending": 2}


async def test_a_busy_vendor_is_left_alone_for_as_long_as_it_asks(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.refusals = [(429, {"Retry-After": "30"})]
    refused = await world.pushes("chunks", chunk)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert await world.stats() == {"audience": 2, "pending": 2}
    world.now += timedelta(seconds=20)
    early = await world.pushes("chunks", chunk)
    assert (early.status_code, len(vendor_stub.calls)) == (503, 1)
    world.now += timedelta(seconds=10)
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


async def test_a_vendor_error_is_tried_again_at_once(world: World, vendor_stub: VendorStub) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.refusals = [(500, {}), (503, {})]
    codes = [(await world.pushes("chunks", chunk)).status_code for _ in range(3)]
    assert codes == [503, 503, 204]
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


@pytest.mark.usefixtures("impatient")
async def test_a_vendor_that_times_out_after_taking_it_sends_once(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.hang = 1
    assert (await world.pushes("chunks", chunk)).status_code == 503
    assert await world.stats() == {"audience": 2, "pending": 2}
    vendor_stub.hang = 0
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}
    assert len(vendor_stub.ledger) == 2


@pytest.mark.usefixtures("impatient")
async def test_what_was_perhaps_sent_so_long_ago_that_the_vendor_forgot_its_id_is_not_sent_again(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.hang = 1
    assert (await world.pushes("chunks", chunk)).status_code == 503
    vendor_stub.hang = 0
    vendor_stub.refusals = [(500, {})]
    world.now += timedelta(hours=23)
    assert (await world.pushes("chunks", chunk)).status_code == 503  # again in doubt: the first try counts
    world.now += timedelta(hours=1)
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 2, "unknown": 2}
    assert len(vendor_stub.calls) == 2
    reasons = {row.reason for row in (await world.rows()).values()}
    assert reasons == {"An earlier try may have sent it; then: the vendor would take it for a new one."}
    await world.receives(list((await world.rows()).values()))
    assert await world.stats() == {"audience": 2, "sent": 2, "delivered": 2}


@pytest.mark.usefixtures("impatient")
async def test_what_was_certainly_not_sent_is_sent_however_late(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.refusals = [(429, {})]
    assert (await world.pushes("chunks", chunk)).status_code == 503
    world.now += timedelta(days=3)
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


@pytest.mark.usefixtures("impatient")
async def test_consent_withdrawn_after_a_try_that_may_have_been_sent_is_unknown_until_a_receipt(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.hang = 1
    await world.pushes("chunks", chunk)
    vendor_stub.hang = 0
    await world.has(withdrawn(0))
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 2, "sent": 1, "accepted": 1, "unknown": 1}
    await world.receives(list((await world.rows()).values()))
    assert await world.stats() == {"audience": 2, "sent": 2, "delivered": 2}
