"""Launch: what it refuses, and what it makes final."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from crm.audience.engine.snapshot import Snapshot
from crm.campaigns.campaign import Message
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.usecases.launch import Launch
from crm.campaigns.usecases.unschedule import Unschedule
from crm.kernel.errors import Conflict, Invalid, NotFound
from tests.delivery.campaign_stores import NOW, BrokenBroker, World, body, customer, withdrawn

pytestmark = pytest.mark.emulator


async def refused(world: World) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as raised:
        await world.launches()
    assert (await world.campaign()).status == "draft"
    assert world.takes("partitions") == []
    return [(error.path, error.message) for error in raised.value.errors]


async def test_a_launch_fixes_the_time_the_partitions_and_the_shards(world: World) -> None:
    await world.has(customer(1), withdrawn(2), withdrawn(3), customer(4, email=None))
    draft = await world.drafts()
    expected = replace(
        draft,
        status="launching",
        launched_at=NOW,
        frozen_at=NOW,
        partitions=1,
        shards=1,
        matched=4,
        excluded={"no_consent": 2, "no_address": 1},
    )
    launched = await world.launches()
    assert replace(launched, frozen_list=None) == expected
    assert await world.campaign() == launched
    assert world.takes("partitions") == [body(campaign_id="c1", partition=0)]


async def test_an_empty_audience_is_refused(world: World) -> None:
    await world.has(withdrawn(1), customer(2, email=None))
    await world.drafts()
    assert await refused(world) == [("audience", "has nobody who can be reached on this channel")]


async def test_an_unknown_variable_is_refused_with_its_position(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(message=Message(body="Hi\n{{ customer.nme }}"))
    assert await refused(world) == [
        ("message.body", "line 2, column 4: customer.nme is not known; did you mean customer.name?")
    ]


async def test_a_message_may_use_attributes_of_the_field_catalogue(world: World) -> None:
    await world.has(customer(1, attributes={"loyalty": "gold"}))
    await world.drafts(message=Message(body="{{ customer.attributes.loyalty }}"))
    assert (await world.launches()).status == "launching"


async def test_invalid_rules_are_refused(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(rules={"combinator": "and", "rules": []})
    assert [path for path, _ in await refused(world)] == ["rules.rules"]


async def test_a_campaign_is_launched_once(world: World) -> None:
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    with pytest.raises(Conflict, match="launching"):
        await world.launches()
    with pytest.raises(NotFound):
        await world.launches("nobody")


async def test_a_campaign_unscheduled_during_its_launch_is_not_launched(world: World) -> None:
    await world.has(customer(1))
    await world.drafts(status="scheduled", schedule_at=NOW + timedelta(days=1))
    read = world.audience.snapshot

    class Unscheduling:
        """An audience that takes so long to read that the campaign is unscheduled meanwhile."""

        async def snapshot(self) -> Snapshot:
            await Unschedule(campaigns=world.campaigns)("c1")
            return await read()

    launch = Launch(
        campaigns=world.campaigns,
        lists=world.lists,
        audience=Unscheduling(),
        requests=DeliveryRequests(world.publisher),
        zone=UTC,
    )
    with pytest.raises(Conflict, match="draft"):
        await launch("c1", NOW)
    assert (await world.campaign()).status == "draft"


async def test_without_the_broker_the_tick_requests_the_partitions_of_a_launched_campaign(
    world: World,
) -> None:
    await world.has(customer(1))
    await world.drafts()
    launched = await world.launches(broker=BrokenBroker())
    assert launched.status == "launching"
    world.now += world.lease
    await world.ticks()
    assert world.takes("partitions") == [body(campaign_id="c1", partition=0)]
