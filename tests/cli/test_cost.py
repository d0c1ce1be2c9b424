"""`crm cost`: the model counts what the code does, and the tables in docs/cost.md are what it prints."""

import asyncio
import base64
import json
import re
import shlex
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore_v1.services.firestore.async_client import FirestoreAsyncClient
from google.cloud.firestore_v1.types import BatchGetDocumentsRequest, CommitRequest
from typer.testing import CliRunner, Result

from crm.cli import cost_model as model
from crm.cli.main import app
from crm.cli.prices import DAYS, LIST, MULTI_REGION, Price, changed
from crm.kernel.id_lists import pack
from tests.delivery.campaign_stores import World
from tests.support import ROOT, client_of, load_function

SMALL = model.Volume(
    customers=20_000, orders_per_day=500, campaigns=8, recipients=10_000, previews_per_day=50
)


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts documents that are read and written from now on, as the bill does."""
    counted: Counter[str] = Counter()
    commit, get, query = (
        FirestoreAsyncClient.commit,
        FirestoreAsyncClient.batch_get_documents,
        FirestoreAsyncClient.run_query,
    )

    async def counted_commit(self: Any, request: Any = None, **options: Any) -> Any:
        counted["writes"] += len(CommitRequest(request).writes)
        return await commit(self, request, **options)

    async def counted_get(self: Any, request: Any = None, **options: Any) -> Any:
        counted["reads"] += len(BatchGetDocumentsRequest(request).documents)
        return await get(self, request, **options)

    async def counted_query(self: Any, request: Any = None, **options: Any) -> Any:
        async def answers() -> AsyncIterator[Any]:
            found = 0
            async for answer in await query(self, request, **options):
                found += bool(answer.document.name)
                yield answer
            counted["reads"] += found
            counted["empty"] += not found  # charged as one read

        return answers()

    monkeypatch.setattr(FirestoreAsyncClient, "commit", counted_commit)
    monkeypatch.setattr(FirestoreAsyncClient, "batch_get_documents", counted_get)
    monkeypatch.setattr(FirestoreAsyncClient, "run_query", counted_query)
    return counted


@pytest.mark.emulator
async def test_an_order_takes_the_documents_that_the_model_says(
    push_headers: dict[str, str], project: str, operations: Counter[str]
) -> None:
    orders = [
        {"order_id": f"O-{n}", "customer_id": f"C-{n}", "amount": 5, "placed_at": "2026-01-01T00:00:00Z"}
        for n in range(50)
    ]
    stamped = [{**order, "updated_at": "2026-01-01T00:00:00Z"} for order in orders]
    pack = json.dumps({"kind": "orders", "records": stamped}).encode()
    message = {"message": {"data": base64.b64encode(pack).decode(), "messageId": "1"}}

    async with client_of(load_function("consumer"), headers=push_headers) as consumer:
        assert (await consumer.post("/events/records", json=message)).status_code == 204

    assert operations["reads"] == 50 * model.ORDER_READS
    assert operations["writes"] == pytest.approx(50 * model.ORDER_WRITES + 1, abs=2)  # of the commit


@pytest.mark.emulator
async def test_a_message_takes_the_documents_that_the_model_says(
    world: World, operations: Counter[str]
) -> None:
    chunks = await world.sending(400)
    operations.clear()
    await asyncio.gather(*(world.pushes("chunks", chunk) for chunk in chunks))
    sent = Counter(operations)
    rows = list((await world.rows()).values())
    operations.clear()
    await world.receives(rows)

    reads, writes = sent["reads"] + operations["reads"], sent["writes"] + operations["writes"]
    operations.clear()
    await world.receives(rows, status="opened")
    aside = 15 * len(chunks)  # of a chunk: the campaign, claims, counters; shards of the receipts' commit
    assert len(rows) == 400
    assert reads == pytest.approx(400 * model.MESSAGE_READS, abs=aside)
    assert writes == pytest.approx(400 * model.MESSAGE_WRITES, abs=aside)
    assert operations["reads"] == pytest.approx(400 * model.RECEIPT_READS, abs=aside)
    assert operations["writes"] == pytest.approx(400 * model.RECEIPT_WRITES, abs=aside)


@pytest.mark.emulator
async def test_a_tick_that_finds_nothing_reads_what_the_model_says(
    world: World, operations: Counter[str]
) -> None:
    await world.ticks()
    operations.clear()
    await world.ticks()

    assert operations["writes"] == 0
    assert operations["reads"] + operations["empty"] == pytest.approx(model.TICK_READS, abs=2)


def test_idle_costs_next_to_nothing() -> None:
    assert model.total(model.Volume()) < 3
    free = changed({"alerts": 0, "series": 0, "images": 0, "secrets": 0})
    assert model.total(model.Volume(), free) == 0


def test_more_of_anything_never_costs_less() -> None:
    base = model.total(SMALL)
    for name in ("customers", "orders_per_day", "campaigns", "recipients", "previews_per_day", "months"):
        assert model.total(replace(SMALL, **{name: getattr(SMALL, name) * 4000})) > base, name
    assert model.total(replace(SMALL, warm_cpu=1, warm_gib=2)) > base + 10
    large = replace(SMALL, campaigns=30, recipients=1_000_000)
    for name, more in (("backup_days", 35), ("opened", 30), ("clicked", 5), ("message_kib", 30)):
        assert model.total(replace(large, **{name: more})) > model.total(large) + 1, name  # type: ignore[arg-type]
    assert model.total(replace(SMALL, service_levels=True)) > base
    assert model.total(SMALL, changed(MULTI_REGION)) > base
    busy = replace(SMALL, orders_per_day=500_000)
    assert model.total(replace(busy, orders_a_call=100)) < model.total(busy)


def test_snapshots_of_segments_cost_what_is_kept_of_them() -> None:
    with_segments = replace(SMALL, segments=20, segment_size=200_000)
    year, month = (model.total(replace(with_segments, snapshot_days=days)) for days in (400, 30))
    assert model.total(SMALL) < month < year

    ids = [f"shop-{number * 7919 % 10**6:06d}" for number in range(50_000)]
    assert len(pack(sorted(ids))) / 1024 / len(ids) < model.MEMBER_KIB


def test_what_is_free_in_a_day_is_lost_with_the_day() -> None:
    writes = Price("documents written", 1.0, free_a_day=100)

    assert writes.of(100 * DAYS) == 0
    assert writes.of(101 * DAYS) == DAYS
    assert writes.of(50 * DAYS, burst=50, days=1) == 0
    assert writes.of(50 * DAYS, burst=150, days=1) == 100
    assert writes.of(0, burst=150 * DAYS, days=DAYS) == 50 * DAYS


def test_a_campaign_of_one_day_pays_where_the_same_messages_in_a_month_would_not() -> None:
    once = replace(SMALL, campaigns=1, recipients=80_000)
    each_day = replace(SMALL, campaigns=30, recipients=80_000 // 30)

    assert model.total(once) > model.total(each_day)


def test_a_million_messages_cost_what_the_bill_grows_by() -> None:
    large = replace(SMALL, campaigns=10, recipients=1_000_000)
    grown = model.total(replace(large, campaigns=11)) - model.total(large)

    assert grown == pytest.approx(model.per_million(large), rel=0.05)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["cost", *arguments], env={"COLUMNS": "100"})


def test_other_prices_are_taken_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"alerts": 1}))
    assert "22.54" in run("--prices", str(file)).output
    file.write_text(json.dumps({"allerts": 1}))
    refused = run("--prices", str(file))
    assert (refused.exit_code, "No price is called allerts" in refused.output) == (2, True)
    assert run("--prices", str(tmp_path / "none")).exit_code == 2


def test_the_tables_of_the_documentation_are_what_it_prints() -> None:
    text = (ROOT / "docs" / "cost.md").read_text()
    shown = re.findall(r"```\n\$ crm cost ?(.*?)\n(.*?)```", text, re.DOTALL)

    assert len(shown) >= 3
    for arguments, table in shown:
        assert run(*shlex.split(arguments)).output.strip() == table.strip()
    assert all(price.each > 0 for price in LIST.values())
