"""What becomes of a message. Its id decides, with the seed: no chance, no memory."""

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
        """The receipt as the webhook wants it."""
        receipt = {
            "message_id": self.message_id,
            "status": self.event,
            "occurred_at": self.occurred_at.isoformat(),
        }
        return receipt if self.reason is None else {**receipt, "reason": self.reason}


class Draws:
    """The shares, from 0 up to 1, that a message draws: one for each decision."""

    def __init__(self, seed: str, message_id: str) -> None:
        digest = hashlib.sha256(f"{seed}\x1f{message_id}".encode()).digest()
        draws = [int.from_bytes(digest[start : start + 4], "big") / 2**32 for start in range(0, 28, 4)]
        self.rejected, self.failed, self.reason, self.opened, self.clicked, self.doubled, self.swapped = draws


def refusal(settings: VendorSettings, message_id: str, to: str) -> str | None:
    """Why the vendor does not take a message; None where it does."""
    if not to.strip():
        return "no address"
    if Draws(settings.seed, message_id).rejected < settings.rejected_rate:
        return "refused by the simulated vendor"
    return None


def reports(settings: VendorSettings, message_id: str, accepted_at: datetime) -> list[Report]:
    """The receipts of an accepted message in the order of their sending.

    They occur and are sent a `receipt_delay` apart. Swapped ones are sent the last one first, and a single
    one a delay later. Doubled ones are all sent once more after the last.
    """
    draws = Draws(settings.seed, message_id)
    events = _events(settings, draws)
    reason = FAILURES[int(draws.reason * len(FAILURES))] if events == ["failed"] else None
    places = list(range(1, len(events) + 1))
    turns = places
    if draws.swapped < settings.reorder_rate:
        turns = places[::-1] if len(places) > 1 else [2]
    made = list(zip(turns, places, events, strict=True))
    if draws.doubled < settings.duplicate_rate:
        made += [(max(turns) + turn, place, event) for turn, place, event in made]
    step = settings.receipt_delay
    return [
        Report(step * turn, message_id, event, reason, accepted_at + timedelta(seconds=step * place))
        for turn, place, event in sorted(made)
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
