"""Who of an audience can be reached on a channel, and why the others cannot.

The same decision twice: over columns for counting, and for one customer at the moment of sending.
"""

from typing import Final, Literal

import polars as pl

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


def reason_column(channel: Channel) -> pl.Expr:
    """The reason for each row of `Snapshot.customers`, null where the customer can be reached."""
    refused = ~pl.col("consent") | pl.col(f"consents.{channel}").eq_missing(False)
    addressed = pl.any_horizontal(pl.col(name).fill_null("") != "" for name in _ADDRESSES[channel])
    return (
        pl.when(refused)
        .then(pl.lit("no_consent"))
        .when(~addressed)
        .then(pl.lit("no_address"))
        .when(pl.col(f"suppressions.{channel}").is_not_null())
        .then(pl.lit("suppressed"))
        .alias("reason")
    )
