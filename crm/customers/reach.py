"""Who can be reached on a channel, and why the others cannot: one customer, at the moment of sending.

`crm.audience.engine.reach` decides the same over columns.
"""

from typing import Final, Literal

from crm.customers.customer import Customer
from crm.customers.values import Channel

Reason = Literal["no_consent", "no_address", "suppressed", "erased"]
REASONS: Final[tuple[Reason, ...]] = ("no_consent", "no_address", "suppressed")
"""In the order in which they are given: the first that fits. An erased customer is in no snapshot."""

ADDRESSES: Final[dict[Channel, tuple[str, ...]]] = {
    "simulator": ("email", "phone"),
    "email": ("email",),
    "sms": ("phone",),
}
"""What a channel can write to."""


def unreachable_reason(customer: Customer, channel: Channel) -> Reason | None:
    """Why nothing may be sent to the customer on the channel; None where something may.

    A refusal counts whether it was of everything or of this channel alone.
    """
    if customer.erased_at is not None:
        return "erased"
    if not customer.consent or customer.consents.get(channel) is False:
        return "no_consent"
    if not any(getattr(customer, name) for name in ADDRESSES[channel]):
        return "no_address"
    return "suppressed" if channel in customer.suppressions else None
