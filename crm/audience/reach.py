"""Who of an audience can be reached on a channel, and why the others cannot.

The same decision twice: over columns for counting, and for one customer at the moment of sending.
"""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from crm.audience.numbers import Mask
from crm.audience.parts import Part
from crm.domain.customers import Customer
from crm.domain.records import Channel

Reason = Literal["no_consent", "no_address", "suppressed", "erased"]
REASONS: Final[tuple[Reason, ...]] = ("no_consent", "no_address", "suppressed")
"""In the order in which they are given: the first that fits. An erased customer is in no snapshot."""

_ADDRESSES: Final[dict[Channel, tuple[str, ...]]] = {
    "simulator": ("email", "phone"),
    "email": ("email",),
    "sms": ("phone",),
}


def unreachable_reason(customer: Customer, channel: Channel) -> Reason | None:
    """Why nothing may be sent to the customer on the channel; None where something may.

    A refusal counts whether it was of everything or of this channel alone.
    """
    if customer.erased_at is not None:
        return "erased"
    if not customer.consent or customer.consents.get(channel) is False:
        return "no_consent"
    if not any(getattr(customer, name) for name in _ADDRESSES[channel]):
        return "no_address"
    return "suppressed" if channel in customer.suppressions else None


def reasons(part: Part, channel: Channel) -> Mapping[Reason, Mask]:
    """For each of `REASONS` the rows of the part for which it is given; the others can be reached.

    Found once for a part and a channel, for every preview asks.
    """
    if channel not in part.reasons:
        part.reasons[channel] = _reasons(part, channel)
    return part.reasons[channel]


def _reasons(part: Part, channel: Channel) -> Mapping[Reason, Mask]:
    addressed = np.zeros(part.size, np.bool_)
    for name in _ADDRESSES[channel]:
        addressed |= (part.texts(name).series.fill_null("") != "").to_numpy()
    refused = ~part.flags("consent").yes | part.flags(f"consents.{channel}").equal(False)
    fits = (refused, ~addressed, part.codes(f"suppressions.{channel}").has())
    found: dict[Reason, Mask] = {}
    left = np.ones(part.size, np.bool_)
    for reason, mask in zip(REASONS, fits, strict=True):
        found[reason] = mask & left
        left &= ~mask
    return found
