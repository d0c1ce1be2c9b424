"""Resume: the campaign continues where it stopped."""

import pytest

from crm.kernel.errors import Conflict
from tests.delivery.campaign_stores import BrokenBroker, World, customer

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("small_parts")]


async def test_a_campaign_paused_while_launching_resumes_launching(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    await world.pauses()
    assert await world.handles("partitions") == 1
    assert world.takes("chunks") == []
    assert (await world.resumes()).status == "launching"
    for topic in ("partitions", "chunks"):
        assert await world.handles(topic) == 1
    assert await world.stats() == {"audience": 1, "sent": 1, "accepted": 1}


async def test_without_the_broker_the_tick_requests_the_partitions_of_a_resumed_campaign(
    world: World,
) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    lost = world.takes("partitions")
    await world.pauses()
    assert (await world.resumes(BrokenBroker())).status == "launching"
    world.now += world.lease
    await world.ticks()
    assert world.takes("partitions") == lost


async def test_only_a_paused_campaign_can_be_resumed(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    with pytest.raises(Conflict, match="The campaign is draft"):
        await world.resumes()
    await world.launches()
    with pytest.raises(Conflict, match="The campaign is launching"):
        await world.resumes()


async def test_without_the_broker_the_tick_requests_the_chunks_of_a_resumed_campaign(world: World) -> None:
    await world.sending(3)
    await world.pauses()
    assert (await world.resumes(BrokenBroker())).status == "sending"
    world.now += world.lease
    await world.ticks()
    assert await world.handles("chunks") == 1
    assert await world.stats() == {"audience": 3, "sent": 3, "accepted": 3}
