"""What is handed to a vendor, and how the vendor answers."""

from dataclasses import dataclass
from typing import Literal

from crm.customers.values import Channel
from crm.kernel.errors import CrmError, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One rendered message."""

    message_id: str
    """Also the vendor's idempotency key."""
    channel: Channel
    to: str
    subject: str | None
    body: str
    unsubscribe_url: str
    """For the header that makes mail programs show an unsubscribe button (RFC 8058)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The vendor's answer for one message. Receipts report later what happened to it."""

    status: Literal["accepted", "rejected", "refused"]
    """`refused`: the whole call failed; an earlier attempt may have succeeded."""
    reason: str | None = None


class VendorAway(Unavailable):
    """The vendor did not confirm a batch. Where `nothing_taken` is false it may have taken all of it.

    `asked_to_wait` is the pause in seconds that the vendor asked for, or None.
    """

    def __init__(self, detail: str, *, nothing_taken: bool, asked_to_wait: int | None = None) -> None:
        super().__init__(detail, retry_after=5 if asked_to_wait is None else asked_to_wait)
        self.nothing_taken = nothing_taken
        self.asked_to_wait = asked_to_wait


class VendorRefused(CrmError):
    """The vendor will never take this batch as it is; the message says why."""
