"""Receipts: what a vendor reports of a message, and how reports join into one status.

Reports come late, twice and in any order. The join is commutative, associative and idempotent: whatever
the order, the outcome is that of the highest-ranked report, and a status never moves backwards.
"""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm.domain.campaigns import COUNT_NAMES, Counts, LogRow, RowStatus
from crm.domain.records import Identifier, Instant

ReceiptStatus = Literal["delivered", "failed", "opened", "clicked"]

_RANK: dict[RowStatus, int] = {"unknown": 0, "accepted": 1, "delivered": 2, "failed": 3, "skipped": 4}
"""A bounce after a delivery is the last word. `skipped` was never sent, so no report can move it."""


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
    reason: Annotated[str, Field(max_length=500)] | None = None
    occurred_at: Instant


def joined(row: LogRow, receipt: Receipt) -> LogRow:
    """The row after a receipt; the same object when the receipt tells nothing new."""
    changes: dict[str, object] = {}
    if row.status != "skipped":
        if receipt.status == "opened" or receipt.status == "clicked":
            field = f"{receipt.status}_at"
            known = getattr(row, field)
            if known is None or receipt.occurred_at < known:
                changes[field] = receipt.occurred_at
        status: RowStatus = "failed" if receipt.status == "failed" else "delivered"
        if _RANK[status] > _RANK[row.status]:
            changes["status"] = status
            changes["reason"] = receipt.reason if status == "failed" else None
    if not changes:
        return row
    changes["updated_at"] = max(row.updated_at, receipt.occurred_at)
    return replace(row, **changes)  # type: ignore[arg-type]  # the names above are fields of LogRow


def movement(before: LogRow | None, after: LogRow) -> Counts:
    """What a change of a row does to the counts: the old status goes down, the new one up."""
    deltas = dict.fromkeys(COUNT_NAMES, 0)
    for row, sign in ((before, -1), (after, 1)):
        if row is not None:
            deltas[row.status] += sign
            deltas["opened"] += sign * (row.opened_at is not None)
            deltas["clicked"] += sign * (row.clicked_at is not None)
    return Counts(**deltas)
