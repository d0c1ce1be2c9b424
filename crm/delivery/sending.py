"""How a campaign is delivered: the message to each recipient, what is said of it, and when it is over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from crm.campaigns.campaign import Campaign, CampaignStatus, Chunk, Counts, LogRow, Rework, RowStatus, Stats
from crm.customers.customer import Customer
from crm.customers.records import Channel
from crm.delivery.receipts import movement, standing
from crm.kernel.errors import CrmError, Unavailable

REWORKED: Mapping[Rework, RowStatus] = {
    "retry_failed": "failed",
    "send_again": "unknown",
    "take_as_sent": "unknown",
}
"""The rows that a rework is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A chunk that this worker holds, as it was when claimed. `token` is the store's, for finishing it."""

    chunk: Chunk
    token: Any


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
class Verdict:
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


class Resting(Unavailable):
    """The chunk rests because the vendor asked to wait."""


class VendorRefused(CrmError):
    """The vendor will never take this batch as it is; the message says why."""


def address(customer: Customer, channel: Channel) -> str | None:
    """Where a message goes on this channel; None where the customer has no address of the kind."""
    if channel == "sms":
        return customer.phone
    return customer.email or (customer.phone if channel == "simulator" else None)


def tallied(rows: Iterable[LogRow]) -> dict[str, Counts]:
    """What new rows add to the counters, by group: "all" and each cohort."""
    alike: dict[object, list[LogRow]] = defaultdict(list)
    for row in rows:
        alike[standing(row), row.cohorts].append(row)
    groups: dict[str, Counts] = {}
    for row, *others in alike.values():
        added = movement(None, row) * (1 + len(others))
        for group in ("all", *row.cohorts):
            groups[group] = groups.get(group, Counts()) + added
    return groups


def judged(row: LogRow, verdicts: Mapping[str, Verdict], sent_at: datetime, in_doubt: bool = False) -> LogRow:
    """The row of a message that went to the vendor. One it said nothing of is unknown: nobody can know.

    So is one that is refused now while, `in_doubt`, an earlier try may have reached the vendor.
    """
    verdict = verdicts.get(row.message_id)
    if verdict is None:
        return replace(row, status="unknown", reason="The vendor's answer left it out.", sent_at=sent_at)
    if verdict.status == "accepted":
        return replace(row, status="accepted", reason=None, sent_at=sent_at)
    failed = replace(row, status="failed", reason=verdict.reason or "Rejected by the vendor.")
    return doubted(failed) if in_doubt and verdict.status == "refused" else failed


def doubted(row: LogRow) -> LogRow:
    """The row where an earlier try may have reached the vendor and this one sent nothing."""
    reason = f"An earlier try may have sent it; then: {row.reason}"
    return replace(row, status="unknown", reason=reason, sent_at=row.updated_at)


def reworked(row: LogRow, rework: Rework, now: datetime) -> LogRow:
    """The row after somebody decided on it: history where its message is sent anew, else accepted."""
    if rework == "take_as_sent":
        return replace(row, status="accepted", reason=None, updated_at=now)
    return replace(row, status="retried", updated_at=now)


def rework_chunk(campaign: Campaign, rows: Sequence[LogRow]) -> Chunk:
    """The chunk that sends anew to the customers of `rows`. Each row is moved once, so names are unique."""
    return Chunk(
        campaign_id=campaign.campaign_id,
        chunk_id=f"r{campaign.round}-{rows[0].message_id[:16]}",
        customer_ids=tuple(row.customer_id for row in rows),
        shard=rows[0].shard,
        round=campaign.round,
    )


def silent(row: LogRow, now: datetime, silence: timedelta) -> LogRow:
    """The row of an accepted message of which the vendor never said more."""
    hours = f"{silence / timedelta(hours=1):g}"
    return replace(row, status="unknown", reason=f"No receipt came within {hours} hours.", updated_at=now)


def closing(
    campaign: Campaign, stats: Stats, last_sent: datetime | None, now: datetime, silence: timedelta
) -> Literal["wait", "expire"] | CampaignStatus:
    """What the tick does with a campaign on its way.

    "wait" while messages are pending or receipts may come; "expire" once the vendor has been silent for
    `silence` after the last chunk; else the status to close it with.
    """
    if campaign.audience is None:
        return "cancelled" if campaign.status == "cancelled" else "wait"
    if stats.pending or campaign.rework is not None:
        return "wait"
    if stats.counts.accepted and not campaign.trusts_silence:
        return "expire" if last_sent is not None and last_sent + silence <= now else "wait"
    if campaign.status == "cancelled":
        return "cancelled"
    return "needs_attention" if stats.counts.unknown else "finished"
