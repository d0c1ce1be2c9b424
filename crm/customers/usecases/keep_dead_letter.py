"""Keep a message that Pub/Sub gave up on as a dead letter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm.customers.dead_letters import DeadLetter
from crm.customers.usecases.keep_letters import KeepLetters

SUBSCRIPTION: Final = "CloudPubSubDeadLetterSourceSubscription"
"""The attribute in which Pub/Sub names the subscription that gave up."""

DELIVERIES: Final = "CloudPubSubDeadLetterSourceDeliveryCount"
"""The attribute in which Pub/Sub says how often it delivered the message."""

_NAME: Final = re.compile(r"[A-Za-z][\w.-]{0,255}", re.ASCII)
"""Names of attributes that are kept. The database refuses some others, such as an empty one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDeadLetter:
    """Stores a message that no handler could process.

    Safe to repeat: the same message is kept once.
    """

    keep: KeepLetters

    prefix: str = ""
    """What the names of this installation's subscriptions begin with. The letter's source is without it."""

    async def __call__(self, payload: bytes, attributes: Mapping[str, str]) -> None:
        """Return once the letter is durable. Raises Unavailable."""
        source = attributes.get(SUBSCRIPTION, "unknown").removeprefix(self.prefix)
        deliveries = attributes.get(DELIVERIES, "too many")
        reason = f"no handler took it in {deliveries} deliveries; its log lines say why"
        kept = {name: value for name, value in attributes.items() if _NAME.fullmatch(name)}
        letter = DeadLetter(source=source, reason=reason, payload=payload, attributes=kept)
        await self.keep([letter])
