"""Decides whether one customer can be reached on a channel, and if not why; used when sending.

`crm.audience.engine.reach` decides the same over columns.
"""

from typing import Final, Literal

from crm.customers.customer import Customer
from crm.customers.values import Channel

Reason = Literal["no_consent", "no_address", "suppressed", "erased"]
REASONS: Final[tuple[Reason, ...]] = ("no_consent", "no_address", "suppressed")
"""In order of precedence. Without `erased`: snapshots do not contain erased customers."""

ADDRESSES: Final[dict[Channel, tuple[str, ...]]] = {
    "simulator": ("email", "phone"),
    "email": ("email",),
    "sms": ("phone",),
}
"""The address fields of each channel; one of them is enough."""


def unreachable_reason(customer: Customer, channel: Channel) -> Reason | None:
    """The reason why the customer cannot be reached on the channel; None if they can.

    Consent may be refused for all channels or for this one.
    """
    if customer.erased_at is not None:
        return "erased"
    if not customer.consent or customer.consents.get(channel) is False:
        return "no_consent"
    if not any(getattr(customer, name) for name in ADDRESSES[channel]):
        return "no_address"
    return "suppressed" if channel in customer.suppressions else None
