"""Receipts whose message has no row yet, and when to look for the row again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.delivery.receipts import Receipt

QUARANTINE_AFTER = timedelta(days=1)
"""For this long each tick looks for the row. After that the receipts are in quarantine."""

FORGOTTEN = timedelta(days=60)
"""At this age the row is no longer looked for; the receipts expire."""


@dataclass(frozen=True, slots=True)
class UnmatchedReceipts:
    """All receipts so far of one message that had no row when they came."""

    message_id: str
    receipts: tuple[Receipt, ...]
    since: datetime
    """When the first of them came."""
    quarantined: bool
    """Whether the row has been missing for longer than `QUARANTINE_AFTER`."""
    etag: object
    """The document's version; the store checks it when the receipts are joined or quarantined."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Receipts that go to quarantine, or stay there."""

    entry: UnmatchedReceipts
    retry_at: datetime | None
    """When the row is looked for again; None for never."""


def is_overdue(entry: UnmatchedReceipts, now: datetime) -> bool:
    """Whether the receipts belong in quarantine."""
    return now - entry.since > QUARANTINE_AFTER


def quarantined(entry: UnmatchedReceipts, now: datetime) -> Quarantined:
    """Look for the row each time the age of the receipts has doubled, until they are `FORGOTTEN`."""
    age = now - entry.since
    return Quarantined(entry, now + age if age < FORGOTTEN else None)
