"""What is published through the relay is in the broker and in the journal before it is answered."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.kernel.errors import Unavailable
from crm.platform.pubsub import Publisher
from devstack import provision
from devstack.broker import Broker
from devstack.journal import Journal
from devstack.processes import free_port
from devstack.relay import Relay

pytestmark = pytest.mark.emulator

HELLO = {"data": "aGVsbG8=", "attributes": {"kind": "greeting", "schema": "1"}}


@pytest.fixture
def broker(project: str) -> Broker:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    provision.topics(broker)
    return broker


@pytest.fixture
def relay(broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    with Relay.running(os.environ["PUBSUB_EMULATOR_HOST"], tmp_path / "journal", tmp_path) as relay:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", relay.host)
        yield relay


async def test_a_publish_is_journaled_and_outlives_the_relay(
    project: str, relay: Relay, tmp_path: Path
) -> None:
    publisher = Publisher(project)
    await publisher.publish("records", [b"hello"], {"kind": "greeting"})
    relay.child.kill()
    journal = Journal(tmp_path / "journal")
    assert list(journal.entries()) == [("records", [HELLO])]
    relay.replace()
    await publisher.publish("chunks", [b"hello", b"hello"], {"kind": "greeting"})
    assert list(journal.entries()) == [("records", [HELLO]), ("chunks", [HELLO, HELLO])]


async def test_what_the_broker_received_is_what_was_published(
    project: str, relay: Relay, broker: Broker
) -> None:
    name = "relayed"
    broker.create_subscription(name, {"topic": broker.topic_name("partitions")})
    await Publisher(project).publish("partitions", [b"hello"], {"kind": "greeting"})
    assert list(broker.take_unhandled(name)) == [HELLO]


async def test_more_than_grpc_takes_by_itself(project: str, relay: Relay, tmp_path: Path) -> None:
    await Publisher(project).publish("records", [b"x" * 1_000_000] * 9)
    assert sum(len(messages) for _, messages in Journal(tmp_path / "journal").entries()) == 9


async def test_a_topic_is_probed_through_it(project: str, relay: Relay) -> None:
    await Publisher(project).probe("records")
    with pytest.raises(Unavailable, match="refuses the topic nowhere"):
        await Publisher(project).probe("nowhere")


async def test_without_a_broker_or_a_disk_nothing_is_answered_as_durable(
    project: str, relay: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brief_retries: None
) -> None:
    (tmp_path / "file").touch()
    with Relay.running(relay.host, tmp_path / "file" / "journal", tmp_path / "second") as broken:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", broken.host)
        with pytest.raises(Unavailable):
            await Publisher(project).publish("records", [b"hello"])
    with Relay.running(f"127.0.0.1:{free_port()}", tmp_path / "third", tmp_path / "third") as alone:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", alone.host)
        with pytest.raises(Unavailable):
            await Publisher(project).publish("records", [b"hello"])
    assert list(Journal(tmp_path / "third").entries()) == []
