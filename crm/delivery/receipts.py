"""Receipts: what a vendor reports of a message, and how reports join into one status.

Reports come late, twice and in any order. The join is commutative, associative and idempotent: whatever
the order, a row ends up the same, and its status never moves backwards.

Which report counts is decided by what it says, never by when it came or when it claims to have happened:
vendors' clocks differ, and a bounce often carries the time of the delivery that it revokes. `failed` stands
above `delivered`, so a bounce after a delivery is the last word, and so is a failure that a delivery follows:
a vendor that tries again must not report a failure before it has given up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Counts, RowStatus
from crm.channels.reasons import MAX_REASON, impersonal
from crm.customers.values import Identifier, Instant
from crm.delivery.log import LogRow

ReceiptStatus = Literal["delivered", "failed", "opened", "clicked"]

_RANK: dict[RowStatus, int] = {"unknown": 0, "accepted": 1, "delivered": 2, "failed": 3}
"""`skipped` has no rank: it was never sent, so no report can move it. Nor has `retried`, which is history."""


FORGOTTEN = timedelta(days=60)
"""The age at which nobody looks any more for the row of a receipt; the receipt is kept."""


class Receipt(BaseModel):
    """One report of one message."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "message_id": "3f2a9c0d4e5b6a7988776655443322aa",
                    "status": "delivered",
                    "occurred_at": "2026-03-01T12:00:05Z",
                }
            ]
        },
    )

    message_id: Identifier
    status: ReceiptStatus
    reason: Annotated[str, Field(max_length=MAX_REASON), AfterValidator(impersonal)] | None = None
    occurred_at: Instant


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row as it was read. `etag` guards a change of it."""

    row: LogRow
    etag: object


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row as it was read, and what it shall be."""

    seen: SeenRow
    after: LogRow


@dataclass(frozen=True, slots=True)
class UnmatchedReceipts:
    """All receipts known of a message whose row was not there yet. `since` is when the first of them came.

    `quarantined` are those whose row was looked for in vain for long.
    """

    message_id: str
    receipts: tuple[Receipt, ...]
    since: datetime
    quarantined: bool
    etag: object


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What goes to quarantine, or stays there; the row is looked for again at `look_at`, if ever."""

    entry: UnmatchedReceipts
    look_at: datetime | None


def quarantined(entry: UnmatchedReceipts, now: datetime) -> Quarantined:
    """Receipts without a row are looked at each time their age has doubled, until they are `FORGOTTEN`."""
    age = now - entry.since
    return Quarantined(entry, now + age if age < FORGOTTEN else None)


def joined(row: LogRow, receipt: Receipt) -> LogRow:
    """The row after a receipt; the same object when the receipt tells nothing new.

    An open or a click proves a delivery. Of several times of opening the first counts; `updated_at` is the
    latest time of any report. Of several reasons for failing the first in alphabetical order is kept.
    """
    if row.status not in _RANK:
        return row
    status: RowStatus = "failed" if receipt.status == "failed" else "delivered"
    reason = (receipt.reason or None) if status == "failed" else None
    if _RANK[status] < _RANK[row.status]:
        status, reason = row.status, row.reason
    elif status == row.status:
        reason = min(filter(None, (row.reason, reason)), default=None)
    after = replace(
        row,
        status=status,
        reason=reason,
        updated_at=max(row.updated_at, receipt.occurred_at),
        opened_at=_first(row.opened_at, receipt, "opened"),
        clicked_at=_first(row.clicked_at, receipt, "clicked"),
    )
    return row if after == row else after


def settle(rows: Mapping[str, SeenRow], receipts: Iterable[Receipt]) -> tuple[list[RowChange], list[Receipt]]:
    """What `receipts` do to `rows` (by message id): one change a row, and the receipts that have no row."""
    afters: dict[str, LogRow] = {}
    early: dict[Receipt, None] = {}
    for receipt in receipts:
        seen = rows.get(receipt.message_id)
        if seen is None:
            early[receipt] = None
        else:
            before = afters.get(receipt.message_id, seen.row)
            afters[receipt.message_id] = joined(before, receipt)
    changes = [RowChange(rows[name], after) for name, after in afters.items() if after is not rows[name].row]
    return changes, list(early)


def movement(before: LogRow | None, after: LogRow) -> Counts:
    """What a change of a row does to the counts: the old status goes down, the new one up.

    Of who opened and clicked those count whose message is delivered.
    """
    deltas = dict.fromkeys(COUNT_NAMES, 0)
    for row, sign in ((before, -1), (after, 1)):
        if row is not None and row.status != "retried":
            deltas[row.status] += sign
            if row.status == "delivered":
                deltas["opened"] += sign * (row.opened_at is not None)
                deltas["clicked"] += sign * (row.clicked_at is not None)
    return Counts(**deltas)


def movements(changes: Iterable[RowChange]) -> dict[tuple[str, int], dict[str, Counts]]:
    """What `changes` do to the counters: by campaign and shard, then by group ("all" and each cohort)."""
    alike: dict[object, list[RowChange]] = defaultdict(list)
    for change in changes:
        after = change.after
        place = after.campaign_id, after.shard, after.cohorts
        alike[place, standing(change.seen.row), standing(after)].append(change)
    sums: dict[tuple[str, int], dict[str, Counts]] = defaultdict(dict)
    for change, *others in alike.values():
        moved = movement(change.seen.row, change.after) * (1 + len(others))
        if moved == Counts():
            continue
        groups = sums[change.after.campaign_id, change.after.shard]
        for group in (EVERYONE, *change.after.cohorts):
            groups[group] = groups.get(group, Counts()) + moved
    return dict(sums)


def settled(changes: Iterable[RowChange]) -> set[str]:
    """The campaigns of which some message is unknown no longer."""
    return {
        change.after.campaign_id
        for change in changes
        if change.seen.row.status == "unknown" and change.after.status != "unknown"
    }


def standing(row: LogRow) -> tuple[RowStatus, bool, bool]:
    """All that counting asks of a row beside its cohorts: its status, whether it was opened, and clicked."""
    return row.status, row.opened_at is not None, row.clicked_at is not None


def _first(known: datetime | None, receipt: Receipt, status: ReceiptStatus) -> datetime | None:
    if receipt.status != status:
        return known
    return receipt.occurred_at if known is None else min(known, receipt.occurred_at)
