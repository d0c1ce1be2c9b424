"""From a vendor's call to applied, against the raw limit: `python -m bench.receipts_rate`

Signed calls of a hundred receipts each go through HTTP, the Pub/Sub emulator and the receipts process; a run
ends when the last row has moved. The raw limit is one batched update a row.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from google.cloud.firestore import AsyncClient
from standardwebhooks.webhooks import Webhook

from bench import raw_limit
from bench.posting import post, request
from bench.stack import Stack, running
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.receipts import ReceiptStatus
from crm.delivery.store import communication_log
from crm.kernel.batches import batched
from crm.platform.firestore.commits import Commit

TODAY: Final = datetime(2026, 3, 1, tzinfo=UTC)
CALL: Final = 100
"""Receipts of a call."""

CONNECTIONS: Final = 8
SHARDS: Final = 10


def main(
    size: Annotated[int, typer.Option(help="Receipts of a run.")] = 20_000,
    runs: Annotated[int, typer.Option(help="Runs.")] = 3,
) -> None:
    """Measure, and print a line for each run and the medians."""
    rates, ratios = [], []
    with running(("receipts",)) as stack:
        for run in range(runs + 1):  # the first only warms up
            rows = _rows(f"bench{run}", size if run else 1000)
            stack.on_database(_write, rows)
            before, aside, begin = stack.asked()["receipts"], stack.others(), time.perf_counter()
            seconds = applied(stack, [row.message_id for row in rows])
            disturbed = (stack.others() - aside) / (time.perf_counter() - begin)
            asked = stack.asked()["receipts"] - before
            if not run:
                continue
            limit = _limit(rows)
            rates.append(size / seconds)
            ratios.append(limit / seconds)
            print(
                f"{size / seconds:,.0f} receipts/s applied; raw {size / limit:,.0f}/s, "
                f"so {limit / seconds:.0%}. A receipt: {asked.writes / size:.3f} documents written, "
                f"{asked.reads / size:.3f} read, {asked.messages / size:.4f} messages; "
                f"others {disturbed:.1f} of {os.cpu_count()} processors",
                flush=True,
            )
    print(f"median {statistics.median(rates):,.0f}/s, {statistics.median(ratios):.0%} of the raw limit")


def applied(stack: Stack, names: Sequence[str], status: ReceiptStatus = "delivered") -> float:
    """Seconds from the first call until the receipts of all these messages are applied."""
    url = f"{stack.ports.function('receipts')}/api/v1/receipts"
    calls = [_signed(url, stack.secrets.webhook, part, status) for part in batched(names, CALL)]
    before = stack.asked()["receipts"].writes
    begin = time.perf_counter()
    statuses = asyncio.run(post(url, calls, CONNECTIONS))
    assert statuses == {202: len(calls)}, statuses
    return stack.until_written("receipts", before, len(names)) - begin


def _signed(url: str, secret: str, names: Sequence[str], status: ReceiptStatus) -> bytes:
    now = datetime.now(UTC)
    receipts = [{"message_id": name, "status": status, "occurred_at": now.isoformat()} for name in names]
    body = json.dumps({"receipts": receipts})
    headers = {
        "webhook-id": names[0],
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(names[0], now, body),
    }
    return request(url, headers, body.encode())


def _rows(campaign: str, size: int) -> list[LogRow]:
    return [
        LogRow(
            message_id=message_id(campaign, f"{number:032x}"),
            campaign_id=campaign,
            customer_key=f"{number:032x}",
            chunk_id=f"0000-{number // 500:04}",
            shard=number // 500 % SHARDS,
            channel="simulator",
            status="accepted",
            sent_at=TODAY,
            updated_at=TODAY,
            cohorts=("regular_spenders", "active"),
        )
        for number in range(size)
    ]


async def _write(database: AsyncClient, rows: Sequence[LogRow]) -> None:
    for batch in batched(rows, raw_limit.BATCH):
        commit = Commit(database)
        for row in batch:
            commit.create(_path(row), communication_log.encode(row))
        await commit.send()


def _limit(rows: Sequence[LogRow]) -> float:
    """Seconds of one batched update a row, from those of making and updating them."""
    made = [(_path(row), communication_log.encode(row)) for row in rows]
    moved = [(_path(row), {"status": "delivered", "updated_at": TODAY}) for row in rows]
    return raw_limit.seconds(moved, written=made)


def _path(row: LogRow) -> str:
    return f"{communication_log.COLLECTION}/{row.message_id}"


if __name__ == "__main__":
    typer.run(main)
