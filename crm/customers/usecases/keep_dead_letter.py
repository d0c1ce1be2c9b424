"""Keep a message that Pub/Sub gave up on as a dead letter."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from crm.customers.dead_letters import DeadLetter, named_customers, without_customers
from crm.customers.ports import DeadLetters

SUBSCRIPTION: Final = "CloudPubSubDeadLetterSourceSubscription"
"""The attribute in which Pub/Sub names the subscription that gave up."""

DELIVERIES: Final = "CloudPubSubDeadLetterSourceDeliveryCount"
"""The attribute in which Pub/Sub says how often it delivered the message."""


class ErasedCustomers(Protocol):
    """Knows who was erased."""

    async def erased(self, ids: Collection[str]) -> Collection[str]:
        """Those of these ids whose customers were erased. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDeadLetter:
    """Stores a message that no handler could process, without what it says of erased customers.

    Safe to repeat: the same message is kept once.
    """

    letters: DeadLetters
    customers: ErasedCustomers

    prefix: str = ""
    """What the names of this installation's subscriptions begin with. The letter's source is without it."""

    async def __call__(self, payload: bytes, attributes: Mapping[str, str]) -> None:
        """Return once the letter is durable. Raises Unavailable."""
        source = attributes.get(SUBSCRIPTION, "unknown").removeprefix(self.prefix)
        deliveries = attributes.get(DELIVERIES, "too many")
        reason = f"no handler took it in {deliveries} deliveries; its log lines say why"
        letter = DeadLetter(source=source, reason=reason, payload=payload, attributes=attributes)
        erased = await self.customers.erased(named_customers(payload))
        left = without_customers(letter, lambda name: name in erased)
        if left is not None:
            await self.letters.keep(left)
