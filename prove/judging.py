"""Finds duplicates, losses, unknown outcomes and drift against the vendor's ledger. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from prove.database import Entry, Ledger
from prove.history import Totals, Truth

Events = Callable[[Entry], AbstractSet[str]]
"""The events that the vendor reports of a message: delivered or failed, opened, clicked."""

_PROFILE = ("email", "name", "city", "visits")


@dataclass(slots=True)
class Verdict:
    """The findings. All counters but `unknown` and `skipped` have to be empty."""

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
        """Whether there are no duplicates, no losses and no drift."""
        wrong = (self.duplicates_by_vendor, self.duplicates_by_rows, self.losses, self.drift)
        return not any(counter.total() for counter in wrong)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A campaign as the marketer knows it: its recipients (id → address), those who withdrew consent
    meanwhile, and the figures that the API shows now."""

    ledger: Ledger
    addresses: Mapping[str, str]
    withdrew: AbstractSet[str]
    stats: Mapping[str, int]

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        return {customer_key(name): name for name in self.addresses}

    def recipient(self, row: LogRow) -> str:
        """The id of the customer whom a row is about; their key where the campaign was not for them."""
        return self._ids.get(row.customer_key, row.customer_key)


def judge(verdict: Verdict, sent: Sent, vendor: Sequence[Entry], events: Events) -> None:
    """Add the findings of one campaign to the verdict."""
    campaign = sent.ledger.campaign
    entries = {entry.message_id: entry for entry in vendor if entry.campaign == campaign.name}
    rows = sent.ledger.rows
    final = [row for row in rows if row.status != "retried"]
    retried = Counter(sent.recipient(row) for row in rows if row.status == "retried")
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
    """The vendor may have taken one message a person, and one more for each retry that the marketer asked
    for."""
    who = {address: name for name, address in sent.addresses.items()}
    taken = Counter(who.get(entry.to, entry.to) for entry in entries if entry.accepted)
    for name, times in taken.items():
        surplus = times - 1 - retried[name]
        if surplus > 0:
            verdict.duplicates_by_vendor["second messages to one recipient"] += surplus
    for times in Counter(row.customer_key for row in final).values():
        if times > 1:
            verdict.duplicates_by_rows["second rows of one recipient"] += times - 1


def _losses(
    verdict: Verdict, sent: Sent, entries: Mapping[str, Entry], rows: Sequence[LogRow], events: Events
) -> None:
    lost, found = verdict.losses, {row.message_id: row for row in rows}
    have = {sent.recipient(row) for row in rows}
    lost["recipients without a row"] += len(sent.addresses.keys() - have)
    lost["rows of customers outside the audience"] += len(have - sent.addresses.keys())
    lost["taken by the vendor, without a row"] += sum(
        entry.accepted and name not in found for name, entry in entries.items()
    )
    for row in rows:
        entry = entries.get(row.message_id)
        is_taken = entry is not None and entry.accepted
        if row.status == "skipped":
            verdict.skipped[row.reason or "?"] += 1
            lost["skipped without a cause"] += sent.recipient(row) not in sent.withdrew
            lost["skipped, but taken by the vendor"] += is_taken
        elif row.status == "unknown":
            said = "accepted" if is_taken else "rejected" if entry else "never offered"
            verdict.unknown[f"{_class_of(row.reason)} (the vendor: {said})"] += 1
        elif entry is None:
            lost[f"{row.status}, but never offered to the vendor"] += 1
        elif is_taken:
            lost["receipts without effect"] += _reported(row) != events(entry)
        else:
            lost["rejected by the vendor, but not failed"] += row.status not in ("failed", "retried")


def _reported(row: LogRow) -> set[str]:
    events: set[str] = {"failed" if row.status == "retried" else row.status}
    events |= {"opened"} if row.opened_at else set()
    return events | ({"clicked"} if row.clicked_at else set())


def _class_of(reason: str | None) -> str:
    return (reason or "no reason").rstrip(".")


def _drift(verdict: Verdict, sent: Sent, final: Sequence[LogRow]) -> None:
    verdict.drift["counters off, against the rows"] += sent.ledger.drift
    verdict.drift["counters that had to be corrected"] += sent.ledger.corrected
    counted = Counter(row.status for row in final)
    for status in ("accepted", "delivered", "failed", "skipped", "unknown"):
        verdict.drift["figures shown, against the rows"] += abs(sent.stats[status] - counted[status])
    verdict.drift["audience, against its recipients"] += abs(sent.stats["audience"] - len(sent.addresses))
    verdict.drift["pending at the end"] += sent.stats["pending"]


def judge_records(
    verdict: Verdict,
    truth: Truth,
    customers: Mapping[str, Mapping[str, Any]],
    orders: Mapping[str, Mapping[str, Any]],
) -> None:
    """Compare what is stored with what was posted: the newest version of each record, and totals with
    orders."""
    for name, newest in truth.customers.items():
        stored = customers.get(name)
        if stored is None:
            verdict.losses["customers"] += 1
        elif any(stored.get(key) != newest[key] for key in _PROFILE):
            verdict.losses["customers not as last posted"] += 1
    for name, newest in truth.orders.items():
        stored = orders.get(name)
        if stored is None:
            verdict.losses["orders"] += 1
        elif (stored["customer_id"], stored["status"]) != (newest["customer_id"], newest["status"]):
            verdict.losses["orders not as last posted"] += 1
    verdict.losses["orders that nobody posted"] += len(orders.keys() - truth.orders.keys())
    totals = truth.totals()
    for name, stored in customers.items():
        want = totals.get(name, Totals())
        if (stored["spend"], stored["order_count"]) != (want.spend, want.orders):
            verdict.drift["totals, against the orders"] += 1
