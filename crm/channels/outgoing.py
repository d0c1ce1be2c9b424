"""What goes to a vendor, and what it answers at once."""

from dataclasses import dataclass
from typing import Literal

from crm.customers.values import Channel
from crm.kernel.errors import CrmError, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message as the vendor gets it. `message_id` is the vendor's idempotency key, `unsubscribe_url` for
    the header that mail programs show a button for (RFC 8058)."""

    message_id: str
    channel: Channel
    to: str
    subject: str | None
    body: str
    unsubscribe_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What the vendor said of one message, at once. What becomes of it, receipts tell.

    `refused` is a message whose call was refused: that tells nothing of an earlier try.
    """

    status: Literal["accepted", "rejected", "refused"]
    reason: str | None = None


class VendorAway(Unavailable):
    """The vendor did not take a batch. `nothing_taken` where that is certain; else it may have taken all.

    `asked_to_wait` is the pause in seconds that it asked for, if it did.
    """

    def __init__(self, detail: str, *, nothing_taken: bool, asked_to_wait: int | None = None) -> None:
        super().__init__(detail, retry_after=5 if asked_to_wait is None else asked_to_wait)
        self.nothing_taken = nothing_taken
        self.asked_to_wait = asked_to_wait


class VendorRefused(CrmError):
    """The vendor will never take this batch as it is; the message says why."""
