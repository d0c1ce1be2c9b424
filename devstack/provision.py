"""Topics and push subscriptions, as `crm.topology` lists them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from crm.topology import DEAD_LETTERS, PUSHES, Push
from devstack.broker import Broker
from devstack.errors import StackError
from devstack.settings import Ports

ATTEMPTS = 100
"""Tries before a message is a dead letter, the most there can be.

The emulator gets no retry policy: with one it forgets to try again after about four tries, whatever the
policy says. Without one it tries each second, so the few tries of production would be over while a function
starts. Production's policy stands in Terraform alone.
"""


def topics(broker: Broker) -> None:
    """Create every topic, so that functions can publish."""
    for push in PUSHES:
        broker.create_topic(push.topic)


@contextmanager
def pushing(broker: Broker, ports: Ports, token: str) -> Iterator[None]:
    """Create every push subscription: from now on the functions are called, until left.

    What nobody has handled when this is left stays in the broker.
    """
    subscriptions(broker, ports, token)
    try:
        yield
    finally:
        with suppress(StackError):  # a broker that died pushes nothing either
            for push in PUSHES:
                broker.stop_pushing(push.topic)


def subscriptions(broker: Broker, ports: Ports, token: str, pushes: Sequence[Push] = PUSHES) -> None:
    """Create the push subscriptions to the functions at `ports`.

    The emulator sets no Authorization header, so `token` stands in the endpoint's query.
    """
    for push in pushes:
        broker.create_subscription(push.topic, _subscription(broker, push, ports, token))


def _subscription(broker: Broker, push: Push, ports: Ports, token: str) -> dict[str, object]:
    return {
        "topic": broker.topic_name(push.topic),
        "pushConfig": {"pushEndpoint": f"{ports.function(push.function)}{push.path}?token={token}"},
        "ackDeadlineSeconds": push.ack_deadline,
        "expirationPolicy": {},
        **_dead_letters(broker, push),
    }


def _dead_letters(broker: Broker, push: Push) -> dict[str, object]:
    """What is refused too often goes to the dead letters; those themselves have nowhere to go."""
    if push.topic == DEAD_LETTERS:
        return {}
    return {
        "deadLetterPolicy": {
            "deadLetterTopic": broker.topic_name(DEAD_LETTERS),
            "maxDeliveryAttempts": ATTEMPTS,
        }
    }
