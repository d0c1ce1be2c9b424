"""The do-not-send list: per customer, the channels on which nothing may be sent, and why."""

from dataclasses import dataclass, replace
from typing import Literal

from crm.customers.customer import Customer
from crm.customers.values import Channel

Cause = Literal["unsubscribed", "by_hand"]
"""Why a channel is on the list: the recipient followed an unsubscribe link, or a member entered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeToken:
    """What an unsubscribe link stands for."""

    customer: str
    """The customer's key. Links are logged, and a shop may use addresses as ids."""

    channel: Channel

    message_id: str
    """The message that held the link."""


def suppressed(customer: Customer, channel: Channel, cause: Cause) -> Customer:
    """The customer with the channel suppressed; the same object if it already was, or if they are erased.

    Records from the shop never change suppressions.
    """
    if customer.erased_at is not None or channel in customer.suppressions:
        return customer
    return replace(
        customer,
        suppressions={**customer.suppressions, channel: cause},
        version=customer.version + 1,
    )


def allowed(customer: Customer, channel: Channel) -> Customer:
    """The customer with the channel allowed again; the same object if it was not suppressed."""
    if channel not in customer.suppressions:
        return customer
    left = {name: cause for name, cause in customer.suppressions.items() if name != channel}
    return replace(customer, suppressions=left, version=customer.version + 1)
