"""Rows of a campaign in a real database, receipts for them, and what they became."""

from datetime import timedelta
from typing import Any

from crm.campaigns.campaign import Counts
from crm.campaigns.store.counters import Counters
from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from crm.delivery.receipts import ReceiptMessage, ReceiptStatus
from crm.delivery.store import communication_log
from crm.delivery.store.receipts import FirestoreReceipts
from crm.kernel.batches import batched
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from tests import builders
from tests.builders import NOON, campaign, message_to

CAMPAIGN = campaign(shards=2)


def row(number: int, **fields: Any) -> LogRow:
    """A row of the campaign, accepted at noon; the odd ones are a cohort."""
    given: dict[str, Any] = {
        "message_id": message_to("c1", f"C-{number}"),
        "customer_key": customer_key(f"C-{number}"),
        "shard": number % 2,
        "cohorts": ("odd",) if number % 2 else (),
    }
    return builders.row(**{**given, **fields})


def receipt(of: LogRow | str, status: ReceiptStatus = "delivered", **fields: Any) -> ReceiptMessage:
    """A receipt of five seconds past noon."""
    name = of if isinstance(of, str) else of.message_id
    return ReceiptMessage(message_id=name, status=status, occurred_at=NOON + timedelta(seconds=5), **fields)


async def write(project: str, rows: list[LogRow]) -> FirestoreReceipts:
    """Put the rows into the log."""
    for batch in batched(rows, 500):
        commit = Commit(client(project))
        for one in batch:
            commit.create(f"{communication_log.COLLECTION}/{one.message_id}", communication_log.encode(one))
        await commit.send()
    return FirestoreReceipts(client(project))


async def row_now(project: str, one: LogRow) -> LogRow:
    """The row as it is stored."""
    rows = await FirestoreReceipts(client(project)).rows([one.message_id])
    return rows[one.message_id].row


async def counts(project: str) -> dict[str, Counts]:
    """The campaign's counters by group. Rows that `write` put there were never counted."""
    return (await Counters(client(project)).by_group([CAMPAIGN]))["c1"]
