"""An audit: the receipt of an audience, each figure from the rows, held against the vendor's own books."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.campaigns.campaign import COUNT_NAMES, Campaign, Counts, RowStatus
from crm.channels.outgoing import SendResult
from crm.delivery.log import LogRow
from crm.supervision.reconciliation import Tally

MOST_FINDINGS = 50
"""Findings that are kept in words; all are counted."""


@dataclass(slots=True, kw_only=True)
class DeliveryAudit:
    """`rows` are the rows as counted, `waiting` the recipients of chunks that are not done.

    `vendor` counts rows by their status and what the vendor says of them: "accepted", "rejected", "absent".
    `lacking` is what the counters are off by. `findings` says what does not agree, `found` how often.
    """

    campaign: Campaign
    rows: Counts = field(default_factory=Counts)
    waiting: int = 0
    vendor: Counter[tuple[RowStatus, str]] = field(default_factory=Counter)
    lacking: Tally = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    found: int = 0

    def find(self, finding: str) -> None:
        """Note that something does not agree."""
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    @property
    def reachable(self) -> int | None:
        """Whom the channel reached at launch; None for a campaign that was not launched."""
        matched = self.campaign.matched
        return None if matched is None else matched - sum(self.campaign.excluded.values())

    @property
    def remainder(self) -> int:
        """Recipients of whom nobody knows where they went; zero in an audience that adds up."""
        return (self.campaign.audience or 0) - self.waiting - self.rows.rows


def contradiction(row: LogRow, booked: SendResult | None) -> str | None:
    """Why a row and the vendor's books cannot both be true; None where they can."""
    said = booked.status if booked is not None else "absent"
    was_taken = said == "accepted"
    if row.status in ("accepted", "delivered") and not was_taken:
        return f"{row.message_id} is {row.status} here, and {said} in the vendor's books"
    if row.status == "failed" and (row.sent_at is not None) != was_taken:
        sent = "after" if row.sent_at else "before"
        return f"{row.message_id} failed {sent} it was sent, and is {said} in the vendor's books"
    if row.status == "skipped" and was_taken:
        return f"{row.message_id} is skipped here, and accepted in the vendor's books"
    return None


def corrections(lacking: Tally) -> Iterator[str]:
    """What counters lack, in words."""
    for shard, groups in sorted(lacking.items()):
        for group, counts in sorted(groups.items()):
            off = [(getattr(counts, name), name) for name in COUNT_NAMES]
            said = ", ".join(f"{n:+d} {name}" for n, name in off if n)
            yield f"the counters of shard {shard} and group {group} lack {said}"
