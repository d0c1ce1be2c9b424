"""Keep what Pub/Sub gave up on."""

from collections.abc import Mapping

from crm.customers.dead_letters import DeadLetter
from crm.customers.ports import DeadLetters

SUBSCRIPTION = "CloudPubSubDeadLetterSourceSubscription"
DELIVERIES = "CloudPubSubDeadLetterSourceDeliveryCount"
"""Attributes that Pub/Sub adds: who gave up, and after how many deliveries."""


async def keep_dead_letter(
    letters: DeadLetters, payload: bytes, attributes: Mapping[str, str], prefix: str = ""
) -> None:
    """Keep a message that no handler could process. Twice the same is kept once. Raises Unavailable.

    `prefix` is what the names of our subscriptions begin with; the letter's source is without it.
    """
    source = attributes.get(SUBSCRIPTION, "unknown").removeprefix(prefix)
    deliveries = attributes.get(DELIVERIES, "too many")
    reason = f"no handler took it in {deliveries} deliveries; its log lines say why"
    await letters.keep(DeadLetter(source=source, reason=reason, payload=payload, attributes=attributes))
