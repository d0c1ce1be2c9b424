"""The result of an audit: every recipient of a campaign, by our rows and by the vendor's ledger."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.campaigns.campaign import COUNT_NAMES, Campaign, Counts, RowStatus
from crm.channels.outgoing import SendResult
from crm.delivery.log import LogRow
from crm.supervision.reconciliation import Tally

MAX_FINDINGS = 50
"""Findings that are kept as text; all are counted."""


@dataclass(slots=True, kw_only=True)
class DeliveryAudit:
    """Filled step by step by the audit."""

    campaign: Campaign
    rows: Counts = field(default_factory=Counts)
    """The rows, counted."""
    waiting: int = 0
    """Recipients of chunks that are not done."""
    vendor: Counter[tuple[RowStatus, str]] = field(default_factory=Counter)
    """Rows by their status and by the vendor's: "accepted", "rejected" or "absent"."""
    missing: Tally = field(default_factory=dict)
    """What has to be added to the counters to agree with the rows."""
    findings: list[str] = field(default_factory=list)
    """What does not agree, in words."""
    found: int = 0
    """Number of findings."""

    def find(self, finding: str) -> None:
        """Note that something does not agree."""
        self.found += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    @property
    def reachable(self) -> int | None:
        """Matched customers whom the channel could reach at launch; None before a launch."""
        matched = self.campaign.matched
        return None if matched is None else matched - sum(self.campaign.excluded.values())

    @property
    def remainder(self) -> int:
        """Recipients who neither have a row nor wait in a chunk; zero where the audience adds up."""
        return (self.campaign.audience or 0) - self.waiting - self.rows.rows


def contradiction(row: LogRow, entry: SendResult | None) -> str | None:
    """Why a row and the vendor's ledger cannot both be true; None where they can."""
    at_vendor = entry.status if entry is not None else "absent"
    was_taken = at_vendor == "accepted"
    if row.status in ("accepted", "delivered") and not was_taken:
        return f"{row.message_id} is {row.status} here, and {at_vendor} in the vendor's ledger"
    if row.status == "failed" and (row.sent_at is not None) != was_taken:
        sent = "after" if row.sent_at else "before"
        return f"{row.message_id} failed {sent} it was sent, and is {at_vendor} in the vendor's ledger"
    if row.status == "skipped" and was_taken:
        return f"{row.message_id} is skipped here, and accepted in the vendor's ledger"
    return None


def corrections(missing: Tally) -> Iterator[str]:
    """What the counters lack, in words."""
    for shard, groups in sorted(missing.items()):
        for group, counts in sorted(groups.items()):
            off = [(getattr(counts, name), name) for name in COUNT_NAMES]
            lacking = ", ".join(f"{n:+d} {name}" for n, name in off if n)
            yield f"the counters of shard {shard} and group {group} lack {lacking}"
