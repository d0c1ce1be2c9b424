"""Publishing: everything arrives, in calls that the broker takes."""

import base64
import os

import pytest

from crm.kernel.errors import Unavailable
from crm.platform import tracing
from crm.platform.pubsub import Publisher
from crm.schemas import MESSAGES, SCHEMA
from crm.topology import PUSHES
from devstack.broker import Broker

pytestmark = pytest.mark.emulator


async def test_more_messages_and_bytes_than_one_call_takes_all_arrive(project: str) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("records")
    broker.create_subscription("records", {"topic": broker.topic_name("records")})
    messages = [b"x" * 900_000 + b"%d" % n for n in range(8)] + [b"%d" % n for n in range(1200)]

    await Publisher(project).publish("records", messages, {"a": "b"})

    taken = list(broker.take_unhandled("records"))
    assert sorted(base64.b64decode(message["data"]) for message in taken) == sorted(messages)
    assert {message["attributes"]["a"] for message in taken} == {"b"}


async def test_messages_carry_the_trace_of_the_call(project: str) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("records")
    broker.create_subscription("records", {"topic": broker.topic_name("records")})
    trace = tracing.Trace("4" * 32, "2" * 16, is_sampled=True)

    with tracing.following(trace):
        await Publisher(project).publish("records", [b"x"], {"a": "b"})

    (message,) = broker.take_unhandled("records")
    assert tracing.of(message["attributes"]) == trace
    assert message["attributes"]["a"] == "b"


async def test_messages_carry_the_version_of_their_schema(project: str) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("records")
    broker.create_subscription("records", {"topic": broker.topic_name("records")})
    publisher = Publisher(project)

    await publisher.publish("records", [b"of today"])
    await publisher.publish("records", [b"again"], {SCHEMA: "7"})

    versions = [message["attributes"][SCHEMA] for message in broker.take_unhandled("records")]
    assert sorted(versions) == ["1", "7"]


def test_every_topic_has_a_version() -> None:
    assert MESSAGES.keys() == {push.topic for push in PUSHES}


async def test_a_missing_topic_is_reported_as_unavailable(project: str) -> None:
    with pytest.raises(Unavailable, match="records"):
        await Publisher(project).publish("records", [b"x"])
