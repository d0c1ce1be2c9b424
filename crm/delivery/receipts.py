"""Receipts: what a vendor reports of a message, and how reports join into one status.

Reports come late, twice and in any order. The join is commutative, associative and idempotent: in whatever
order they come, a row ends up the same, and its status never moves backwards.

What a report says decides, never when it came or when it claims to have happened: vendors' clocks differ, and
a bounce often carries the time of the delivery that it revokes. `failed` ranks above `delivered`: a bounce
after a delivery is final, and so is a failure before one. A vendor that retries must not report a failure
before it has given up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from crm.campaigns.campaign import RowStatus
from crm.channels.reasons import MAX_REASON, impersonal
from crm.customers.values import Identifier, Instant
from crm.delivery.log import LogRow
from crm.delivery.row_changes import RowChange, SeenRow

ReceiptStatus = Literal["delivered", "failed", "opened", "clicked"]

_RANK: dict[RowStatus, int] = {"unknown": 0, "accepted": 1, "delivered": 2, "failed": 3}
"""`skipped` has no rank: it was never sent, so no report can move it. Nor has `retried`, which is history."""


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


class ReceiptMessage(Receipt):
    """A report as it travels and waits. What only a newer version says in it is ignored: it may name a
    person, and no report is refused for its form."""

    model_config = ConfigDict(extra="ignore")


def joined(row: LogRow, receipt: Receipt) -> LogRow:
    """The row after a receipt; the same object where the receipt changes nothing.

    An open or a click proves a delivery. The earliest time of opening counts; `updated_at` is the latest time
    of any report. Of several reasons for a failure the first in alphabetical order is kept.
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
    unmatched: dict[Receipt, None] = {}
    for receipt in receipts:
        seen = rows.get(receipt.message_id)
        if seen is None:
            unmatched[receipt] = None
        else:
            before = afters.get(receipt.message_id, seen.row)
            afters[receipt.message_id] = joined(before, receipt)
    changes = [RowChange(rows[name], after) for name, after in afters.items() if after is not rows[name].row]
    return changes, list(unmatched)


def _first(known: datetime | None, receipt: Receipt, status: ReceiptStatus) -> datetime | None:
    if receipt.status != status:
        return known
    return receipt.occurred_at if known is None else min(known, receipt.occurred_at)
