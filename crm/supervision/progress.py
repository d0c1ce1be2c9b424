"""What the tick saw of a campaign when it last looked, to see whether anything moves and what fails."""

from dataclasses import dataclass, replace
from datetime import datetime

from crm.campaigns.campaign import Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One campaign's progress as of the last tick."""

    pending: int
    accepted: int
    since: datetime
    """When `pending` or `accepted` last changed."""
    alarmed: bool = False
    """Whether the stall was reported."""
    checked_at: datetime | None = None
    """When the counters were last compared with the rows."""
    recounting: bool = False
    """Whether a recount of all rows is under way."""

    failed: int = 0
    """Failed messages when the circuit breaker last judged them; so are the two below."""
    handed: int = 0
    """Messages handed to the vendor."""
    outcomes: int = 0
    """Messages delivered or failed."""


def observed(before: Progress | None, stats: Stats, now: datetime) -> Progress:
    """The progress after another look at the figures."""
    pending, accepted = stats.pending, stats.counts.accepted
    if before is None:
        return Progress(pending=pending, accepted=accepted, since=now)
    if (before.pending, before.accepted) == (pending, accepted):
        return before
    return replace(before, pending=pending, accepted=accepted, since=now, alarmed=False)


def judged(before: Progress, stats: Stats) -> Progress:
    """The progress once the circuit breaker has judged all failures so far."""
    counts = stats.counts
    outcomes = counts.delivered + counts.failed
    handed = counts.accepted + outcomes + counts.unknown
    return replace(before, failed=counts.failed, handed=handed, outcomes=outcomes)
