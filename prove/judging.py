"""What is twice, lost, unknown or off: rows and counters held against the vendor's own books. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from crm.delivery.log import LogRow
from prove.books import Entry, Ledger
from prove.history import Totals, Truth

Events = Callable[[Entry], AbstractSet[str]]
"""What became of a message according to whoever carried it: delivered or failed, opened, clicked."""

_PROFILE = ("email", "name", "city", "visits")


@dataclass(slots=True)
class Verdict:
    """What was found. All counters but `unknown` and `skipped` have to be empty."""

    recipients: int = 0
    delivered: int = 0
    failed: int = 0
    offered_again: int = 0
    duplicates_by_vendor: Counter[str] = field(default_factory=Counter)
    duplicates_by_rows: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    drift: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        """Whether nothing came twice, nothing was lost, and no counter was off."""
        wrong = (self.duplicates_by_vendor, self.duplicates_by_rows, self.losses, self.drift)
        return not any(counter.total() for counter in wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A campaign as the marketer knows it: whom it was for (id → address), who withdrew consent meanwhile,
    and the figures that the API shows now."""

    ledger: Ledger
    addresses: Mapping[str, str]
    withdrew: AbstractSet[str]
    stats: Mapping[str, int]


def judge(verdict: Verdict, sent: Sent, vendor: Sequence[Entry], events: Events) -> None:
    """Add what is found of one campaign to the verdict."""
    campaign = sent.ledger.campaign
    entries = {entry.message_id: entry for entry in vendor if entry.campaign == campaign.name}
    rows = sent.ledger.rows
    final = [row for row in rows if row.status != "retried"]
    retried = Counter(row.customer_id for row in rows if row.status == "retried")
    verdict.recipients += len(sent.addresses)
    verdict.delivered += sum(row.status == "delivered" for row in final)
    verdict.failed += sum(row.status == "failed" for row in final)
    verdict.offered_again += sum(entry.offered > 1 for entry in entries.values())
    _duplicates(verdict, sent, entries.values(), final, retried)
    _losses(verdict, sent, entries, rows, events)
    _drift(verdict, sent, final)


def _duplicates(
    verdict: Verdict, sent: Sent, entries: Iterable[Entry], final: Sequence[LogRow], retried: Counter[str]
) -> None:
    """One message a person, as the vendor counts, and one more for each that the marketer had sent anew."""
    who = {address: name for name, address in sent.addresses.items()}
    taken = Counter(who.get(entry.to, entry.to) for entry in entries if entry.accepted)
    for name, times in taken.items():
        surplus = times - 1 - retried[name]
        if surplus > 0:
            verdict.duplicates_by_vendor["messages to somebody who had one"] += surplus
    for times in Counter(row.customer_id for row in final).values():
        if times > 1:
            verdict.duplicates_by_rows["rows of somebody who has one"] += times - 1


def _losses(
    verdict: Verdict, sent: Sent, entries: Mapping[str, Entry], rows: Sequence[LogRow], events: Events
) -> None:
    lost, found = verdict.losses, {row.message_id: row for row in rows}
    have = {row.customer_id for row in rows}
    lost["recipients without a row"] += len(sent.addresses.keys() - have)
    lost["rows of nobody in the audience"] += len(have - sent.addresses.keys())
    lost["taken by the vendor, without a row"] += sum(
        entry.accepted and name not in found for name, entry in entries.items()
    )
    for row in rows:
        entry = entries.get(row.message_id)
        is_taken = entry is not None and entry.accepted
        if row.status == "skipped":
            verdict.skipped[row.reason or "?"] += 1
            lost["skipped without a cause"] += row.customer_id not in sent.withdrew
            lost["skipped, but taken by the vendor"] += is_taken
        elif row.status == "unknown":
            said = "accepted" if is_taken else "rejected" if entry else "never offered"
            verdict.unknown[f"{_class_of(row.reason)} (the vendor: {said})"] += 1
        elif entry is None:
            lost[f"{row.status}, but never offered to the vendor"] += 1
        elif is_taken:
            lost["receipts that left no trace"] += _told(row) != events(entry)
        else:
            lost["rejected by the vendor, but not failed"] += row.status not in ("failed", "retried")


def _told(row: LogRow) -> set[str]:
    told: set[str] = {"failed" if row.status == "retried" else row.status}
    told |= {"opened"} if row.opened_at else set()
    return told | ({"clicked"} if row.clicked_at else set())


def _class_of(reason: str | None) -> str:
    return (reason or "no reason").rstrip(".")


def _drift(verdict: Verdict, sent: Sent, final: Sequence[LogRow]) -> None:
    verdict.drift["counters off, against the rows"] += sent.ledger.drift
    verdict.drift["counters that the sweep had to correct"] += sent.ledger.corrected
    counted = Counter(row.status for row in final)
    for status in ("accepted", "delivered", "failed", "skipped", "unknown"):
        verdict.drift["figures shown, against the rows"] += abs(sent.stats[status] - counted[status])
    verdict.drift["audience, against those it was for"] += abs(sent.stats["audience"] - len(sent.addresses))
    verdict.drift["pending at rest"] += sent.stats["pending"]


def judge_records(
    verdict: Verdict,
    truth: Truth,
    customers: Mapping[str, Mapping[str, Any]],
    orders: Mapping[str, Mapping[str, Any]],
) -> None:
    """Hold what is stored against what was told: the newest version of each, and totals of the orders."""
    for name, told in truth.customers.items():
        stored = customers.get(name)
        if stored is None:
            verdict.losses["customers"] += 1
        elif any(stored.get(key) != told[key] for key in _PROFILE):
            verdict.losses["customers not as last told"] += 1
    for name, told in truth.orders.items():
        stored = orders.get(name)
        if stored is None:
            verdict.losses["orders"] += 1
        elif (stored["customer_id"], stored["status"]) != (told["customer_id"], told["status"]):
            verdict.losses["orders not as last told"] += 1
    verdict.losses["orders of nobody"] += len(orders.keys() - truth.orders.keys())
    totals = truth.totals()
    for name, stored in customers.items():
        want = totals.get(name, Totals())
        if (stored["spend"], stored["order_count"]) != (want.spend, want.orders):
            verdict.drift["totals, against the orders"] += 1
