"""Pause: no chunk is sent until the campaign is resumed."""

import pytest

from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import World, customer
from tests.vendor_stub import VendorStub

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]


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


async def test_a_campaign_that_is_not_on_its_way_cannot_be_paused(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    with pytest.raises(Conflict, match="The campaign is draft"):
        await world.pauses()
    await world.launches()
    await world.cancels()
    with pytest.raises(Conflict, match="The campaign is cancelled"):
        await world.pauses()
