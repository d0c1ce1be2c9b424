"""Requests reach the broker, however many they are; without it the tick is left to publish them."""

import base64
import json
import os

import pytest

from crm.campaigns.delivery_requests import DeliveryRequests, left_to_the_tick
from crm.kernel.errors import Conflict, Unavailable
from crm.platform.pubsub import Publisher
from devstack.broker import Broker
from tests.delivery.campaign_stores import BrokenBroker

PARTITIONS = 10_000
"""Those of fifty million recipients."""


@pytest.mark.emulator
async def test_the_partitions_of_the_largest_campaign_arrive(project: str) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("partitions")
    broker.create_subscription("partitions", {"topic": broker.topic_name("partitions")})

    await DeliveryRequests(Publisher(project)).partitions("c1", range(PARTITIONS))

    found = [json.loads(base64.b64decode(each["data"])) for each in broker.take_unhandled("partitions")]
    assert {each["campaign_id"] for each in found} == {"c1"}
    assert sorted(each["partition"] for each in found) == list(range(PARTITIONS))


async def test_without_the_broker_requests_are_left_to_the_tick_alone() -> None:
    requests = DeliveryRequests(BrokenBroker())
    with pytest.raises(Unavailable):
        await requests.partitions("c1", [0])
    with left_to_the_tick("c1"):
        await requests.partitions("c1", [0])
    with pytest.raises(Conflict), left_to_the_tick("c1"):
        raise Conflict("Somebody else was faster.")
