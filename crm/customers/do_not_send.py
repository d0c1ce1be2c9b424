"""The do-not-send list: of each customer the channels on which nothing is sent to them, and why."""

from dataclasses import dataclass, replace
from typing import Literal

from crm.customers.customer import Customer
from crm.customers.values import Channel

Cause = Literal["unsubscribed", "by_hand"]
"""The customer followed the link in a message; somebody entered it in the web app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeToken:
    """What the link in a message says: who may unsubscribe, of which channel, and the message it stood in.

    `customer` is the name of the customer's document: an id of the shop's may be an address, and links are
    logged.
    """

    customer: str
    channel: Channel
    message_id: str


def suppressed(customer: Customer, channel: Channel, cause: Cause) -> Customer:
    """The customer with nothing to be sent on the channel; the same object where that was so already.

    Records of the shop neither bring this nor take it away. Of an erased customer nothing is kept.
    """
    if customer.erased_at is not None or channel in customer.suppressions:
        return customer
    return replace(
        customer,
        suppressions={**customer.suppressions, channel: cause},
        version=customer.version + 1,
    )


def allowed(customer: Customer, channel: Channel) -> Customer:
    """The customer with the channel taken off the list; the same object where it was not on it."""
    if channel not in customer.suppressions:
        return customer
    left = {name: cause for name, cause in customer.suppressions.items() if name != channel}
    return replace(customer, suppressions=left, version=customer.version + 1)
