"""Topics and subscriptions as the topology has them, and messages that outlive the broker."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from crm.topology import DEAD_LETTERS, FUNCTIONS, PUSHES
from devstack import provision
from devstack.broker import Broker, Message
from devstack.errors import StackError
from devstack.processes import free_port
from devstack.settings import Ports
from devstack.state import unhandled
from tests.waiting import PATIENCE

pytestmark = pytest.mark.emulator


@pytest.fixture
def broker(project: str) -> Broker:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    provision.topics(broker)
    return broker


@pytest.fixture
def pushing(broker: Broker) -> Iterator[Ports]:
    """Subscriptions that push to functions of which none is there."""
    ports = Ports(free_port(), {name: free_port() for name in FUNCTIONS})
    with provision.pushing(broker, ports, "a.b.c"):
        yield ports


def test_each_push_has_its_deadline_and_dead_letters(project: str, pushing: Ports) -> None:
    host = os.environ["PUBSUB_EMULATOR_HOST"]
    for push in PUSHES:
        url = f"http://{host}/v1/projects/{project}/subscriptions/{push.topic}"
        found: dict[str, Any] = httpx2.get(url, timeout=PATIENCE).json()
        endpoint = f"{pushing.function(push.function)}/events/{push.topic}?token=a.b.c"
        assert found["topic"] == f"projects/{project}/topics/{push.topic}"
        assert found["pushConfig"]["pushEndpoint"] == endpoint
        assert found["ackDeadlineSeconds"] == push.ack_deadline
        dead = found.get("deadLetterPolicy", {})
        if push.topic == DEAD_LETTERS:
            assert not dead
        else:
            assert dead["deadLetterTopic"] == f"projects/{project}/topics/{DEAD_LETTERS}"
            assert dead["maxDeliveryAttempts"] == provision.ATTEMPTS


def test_a_message_refused_for_long_is_pushed_until_accepted(broker: Broker) -> None:
    """A function that takes ten seconds to start again after it was killed must get what it missed."""
    refused, taken = 8, threading.Event()
    answers = iter([503] * refused)

    class Slow(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            status = next(answers, 204)
            self.send_response(status)
            self.end_headers()
            if status == 204:
                taken.set()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with provision.pushing(broker, Ports(1, dict.fromkeys(FUNCTIONS, server.server_port)), "a.b.c"):
            broker.publish("records", [{"data": "aGVsbG8="}])
            assert taken.wait(60)
        server.shutdown()


def test_unhandled_messages_are_pulled_and_can_be_published_again(broker: Broker) -> None:
    messages: list[Message] = [{"data": "aGVsbG8=", "attributes": {"kind": "x"}}, {"data": "d29ybGQ="}]
    ports = Ports(free_port(), {name: free_port() for name in FUNCTIONS})
    with provision.pushing(broker, ports, "a.b.c"):
        broker.publish("records", messages)
    taken = unhandled(broker)
    assert sorted(taken["records"], key=lambda message: str(message["data"])) == messages
    assert not unhandled(broker)["records"]
    broker.publish("records", taken["records"])
    assert len(unhandled(broker)["records"]) == 2


def test_more_messages_than_one_pull_returns(broker: Broker) -> None:
    ports = Ports(free_port(), {name: free_port() for name in FUNCTIONS})
    with provision.pushing(broker, ports, "a.b.c"):
        pass
    broker.publish("chunks", [{"data": "aGVsbG8="}] * 2500)
    assert len(unhandled(broker)["chunks"]) == 2500


def test_a_broker_that_is_away_is_said_in_a_sentence() -> None:
    with pytest.raises(StackError, match="Pub/Sub emulator does not answer"):
        provision.topics(Broker(f"127.0.0.1:{free_port()}", "crm-local"))
