"""The outcome of a message, computed from its id and the seed only."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from crm.config import VendorSettings

Event = Literal["delivered", "failed", "opened", "clicked"]

FAILURES = ("mailbox unavailable", "mailbox full", "blocked as spam", "address unknown")


@dataclass(frozen=True, slots=True)
class Report:
    """One receipt, and when it is sent: seconds after the message was accepted."""

    after: float
    message_id: str
    event: Event
    reason: str | None
    occurred_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The receipt in the webhook's format."""
        receipt = {
            "message_id": self.message_id,
            "status": self.event,
            "occurred_at": self.occurred_at.isoformat(),
        }
        return receipt if self.reason is None else {**receipt, "reason": self.reason}


class Draws:
    """Numbers from 0 up to 1 derived from a message's id: one for each decision."""

    def __init__(self, seed: str, message_id: str) -> None:
        digest = hashlib.sha256(f"{seed}\x1f{message_id}".encode()).digest()
        draws = [int.from_bytes(digest[start : start + 4], "big") / 2**32 for start in range(0, 28, 4)]
        self.rejected, self.failed, self.reason, self.opened, self.clicked, self.doubled, self.swapped = draws


def refusal(settings: VendorSettings, message_id: str, to: str) -> str | None:
    """Why the vendor rejects a message; None if it accepts it."""
    if not to.strip():
        return "no address"
    if Draws(settings.seed, message_id).rejected < settings.rejected_rate:
        return "refused by the simulated vendor"
    return None


def reports(settings: VendorSettings, message_id: str, accepted_at: datetime) -> list[Report]:
    """The receipts of an accepted message in the order of their sending.

    They occur and are sent a `receipt_delay` apart. Reordered ones are sent last one first; a single one is
    sent one delay later. Duplicated ones are all sent once more after the last.
    """
    draws = Draws(settings.seed, message_id)
    events = _events(settings, draws)
    reason = FAILURES[int(draws.reason * len(FAILURES))] if events == ["failed"] else None
    occurred = list(range(1, len(events) + 1))
    sent = occurred
    if draws.swapped < settings.reorder_rate:
        sent = occurred[::-1] if len(occurred) > 1 else [2]
    steps = list(zip(sent, occurred, events, strict=True))
    if draws.doubled < settings.duplicate_rate:
        steps += [(max(sent) + each, at, event) for each, at, event in steps]
    delay = settings.receipt_delay
    return [
        Report(delay * each, message_id, event, reason, accepted_at + timedelta(seconds=delay * at))
        for each, at, event in sorted(steps)
    ]


def _events(settings: VendorSettings, draws: Draws) -> list[Event]:
    if draws.failed < settings.failure_rate:
        return ["failed"]
    events: list[Event] = ["delivered"]
    if draws.opened < settings.opened_rate:
        events.append("opened")
        if draws.clicked < settings.clicked_rate:
            events.append("clicked")
    return events
