"""A vendor over HTTP that refuses, hangs, times out or asks to wait. `test_dispatch` has the other cases."""

from datetime import timedelta

import pytest

from tests.delivery.campaign_stores import World
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator


async def test_a_batch_that_the_vendor_never_takes_fails(world: World, vendor_stub: VendorStub) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.refusals = [(413, {})] * 3
    await world.pushes("chunks", chunk)
    assert await world.stats() == {"audience": 2, "failed": 2}


async def test_a_vendor_slower_than_half_the_lease_is_given_up(world: World, vendor_stub: VendorStub) -> None:
    (chunk,) = await world.sending(2)
    world.module.lease = timedelta(seconds=1)  # type: ignore[attr-defined]
    vendor_stub.hang = 60
    answer = await world.pushes("chunks", chunk)
    assert (answer.status_code, answer.json()["detail"]) == (503, "The vendor takes too long over a chunk.")
    assert await world.stats() == {"audience": 2, "pending": 2}


async def test_a_throttling_vendor_is_not_called_before_its_retry_after(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.refusals = [(429, {"Retry-After": "30"})]
    refused = await world.pushes("chunks", chunk)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert await world.stats() == {"audience": 2, "pending": 2}
    world.now += timedelta(seconds=20)
    too_early = await world.pushes("chunks", chunk)
    assert (too_early.status_code, len(vendor_stub.calls)) == (503, 1)
    world.now += timedelta(seconds=10)
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}


@pytest.mark.usefixtures("impatient")
async def test_a_vendor_that_times_out_after_taking_it_sends_once(
    world: World, vendor_stub: VendorStub
) -> None:
    (chunk,) = await world.sending(2)
    vendor_stub.hang = 60
    assert (await world.pushes("chunks", chunk)).status_code == 503
    assert await world.stats() == {"audience": 2, "pending": 2}
    vendor_stub.hang = 0
    assert (await world.pushes("chunks", chunk)).status_code == 204
    assert await world.stats() == {"audience": 2, "sent": 2, "accepted": 2}
    assert len(vendor_stub.ledger) == 2
