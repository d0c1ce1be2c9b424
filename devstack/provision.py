"""Topics and push subscriptions, as `crm.topology` lists them."""

from crm.topology import DEAD_LETTERS, PUSHES, Push
from devstack.broker import Broker
from devstack.settings import Ports


def topics(broker: Broker) -> None:
    """Create every topic, so that functions can publish."""
    for push in PUSHES:
        broker.create_topic(push.topic)


def subscriptions(broker: Broker, ports: Ports, token: str) -> None:
    """Create every push subscription; from now on the functions are called.

    The emulator sets no Authorization header, so `token` stands in the endpoint's query.
    """
    for push in PUSHES:
        endpoint = f"{ports.function(push.function)}{push.path}?token={token}"
        settings = {
            "topic": broker.topic_name(push.topic),
            "pushConfig": {"pushEndpoint": endpoint},
            "ackDeadlineSeconds": push.ack_deadline,
            "expirationPolicy": {},
            "retryPolicy": {
                "minimumBackoff": f"{push.retry_min}s",
                "maximumBackoff": f"{push.retry_max}s",
            },
            **_dead_letters(broker, push),
        }
        broker.create_subscription(push.topic, settings)


def stop_pushing(broker: Broker) -> None:
    """Call no function any more; messages stay in the broker until somebody takes them."""
    for push in PUSHES:
        broker.stop_pushing(push.topic)


def _dead_letters(broker: Broker, push: Push) -> dict[str, object]:
    """What is refused too often goes to the dead letters; those themselves have nowhere to go."""
    if push.topic == DEAD_LETTERS:
        return {}
    return {
        "deadLetterPolicy": {
            "deadLetterTopic": broker.topic_name(DEAD_LETTERS),
            "maxDeliveryAttempts": push.max_attempts,
        }
    }
