"""Rows of a campaign in a real database, receipts for them, and what they became."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crm.adapters.firestore import communication_log, raw
from crm.adapters.firestore.client import client
from crm.adapters.firestore.counters import Counters
from crm.adapters.firestore.receipts import FirestoreReceipts
from crm.domain.campaigns import Campaign, Counts, LogRow, Message
from crm.domain.ids import message_id
from crm.domain.receipts import Receipt, ReceiptStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAMPAIGN = Campaign(
    campaign_id="c1",
    name="Spring",
    status="sending",
    channel="simulator",
    message=Message(body="Hi"),
    rules={},
    created_at=NOON,
    created_by="someone",
    shards=2,
)


def row(number: int, **fields: Any) -> LogRow:
    """A row of the campaign, accepted at noon; the odd ones are a cohort."""
    given: dict[str, Any] = {
        "message_id": message_id("c1", f"C-{number}"),
        "campaign_id": "c1",
        "customer_id": f"C-{number}",
        "chunk_id": "0000-0000",
        "shard": number % 2,
        "channel": "simulator",
        "status": "accepted",
        "updated_at": NOON,
        "cohorts": ("odd",) if number % 2 else (),
    }
    return LogRow(**{**given, **fields})


def receipt(of: LogRow | str, status: ReceiptStatus = "delivered", **fields: Any) -> Receipt:
    """A receipt of five seconds past noon."""
    name = of if isinstance(of, str) else of.message_id
    return Receipt(message_id=name, status=status, occurred_at=NOON + timedelta(seconds=5), **fields)


async def write(project: str, rows: list[LogRow]) -> FirestoreReceipts:
    """Put the rows into the log."""
    for start in range(0, len(rows), 500):
        commit = raw.Commit(client(project))
        for one in rows[start : start + 500]:
            commit.create(f"{communication_log.COLLECTION}/{one.message_id}", communication_log.encode(one))
        await commit.send()
    return FirestoreReceipts(client(project))


async def row_now(project: str, one: LogRow) -> LogRow:
    """The row as it is stored."""
    rows = await FirestoreReceipts(client(project)).rows([one.message_id])
    return rows[one.message_id].row


async def counts(project: str) -> dict[str, Counts]:
    """The campaign's counters by group. Rows that `write` put there were never counted."""
    return (await Counters(client(project)).read([CAMPAIGN]))["c1"]
