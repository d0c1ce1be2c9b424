"""`crm import` into the real ingest function over HTTP, its records read back from the broker."""

import asyncio
import base64
import gzip
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient
from typer.testing import CliRunner, Result

from crm.access.api_keys import SCOPES
from crm.access.store.api_keys import ApiKeys, new_id
from crm.cli.main import app
from crm.platform.clock import now
from devstack.broker import Broker
from devstack.processes import Child, free_port
from tests.support import ROOT

pytestmark = pytest.mark.emulator

ROWS = 40
BAD_ROW = 11


@pytest.fixture
def broker(project: str) -> Broker:
    """The broker, with the topic and a subscription that nobody pushes from."""
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    made.create_topic("records")
    made.create_subscription("records", {"topic": made.topic_name("records")})
    return made


@pytest.fixture
def stack(project: str, broker: Broker, tmp_path: Path) -> Iterator[Path]:
    """The ingest function in a process of its own, and the stack file that leads to it."""
    key = asyncio.run(_key(project))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    framework = Path(sys.executable).with_name("functions-framework")
    source = ROOT / "functions" / "ingest" / "main.py"
    command = [str(framework), f"--source={source}", "--target=ingest", "--host=127.0.0.1", f"--port={port}"]
    function = Child("ingest", command, tmp_path / "ingest.log")
    try:
        function.wait_until_answers(f"{url}/health", 60)
        file = tmp_path / "stack.json"
        file.write_text(json.dumps({"url": url, "api_key": key, "functions": {"ingest": url}}))
        yield file
    finally:
        function.stop()


def test_files_arrive_and_bad_rows_are_named(stack: Path, broker: Broker, tmp_path: Path) -> None:
    lines = [
        f"C{n},2011-01-18T10:01:00Z,{'x' * 300 if n == BAD_ROW else 'Iceland'},7" for n in range(2, ROWS + 2)
    ]
    customers = tmp_path / "customers.csv.gz"
    customers.write_bytes(gzip.compress("\n".join(["customer_id,created_at,country,shoe", *lines]).encode()))
    result = _run(
        stack,
        *("import", str(customers), "--as", "customers", "--batch", "9"),
        *("--map", "shoe=attributes.shoe_size:number", "--fill", "email={customer_id}@example.com"),
    )
    assert result.exit_code == 1, result.output
    assert f"{ROWS - 1} accepted, 1 rejected" in result.output
    row = next(line for line in result.output.splitlines() if "country" in line)
    assert f" {BAD_ROW} " in row, "rows are counted with the header as the first"

    orders = tmp_path / "orders.csv"
    orders.write_text(
        "order_id,customer_id,placed_at,amount,currency,status,units,top_item,country\n"
        "C536365,C2,2010-12-01T08:26:00Z,-139.12,GBP,completed,40,LAMP,Iceland\n"
    )
    result = _run(stack, "import", str(orders), "--as", "orders", "--map", "top_item=category")
    assert result.exit_code == 0, result.output
    assert "Ignored columns: units, country." in result.output

    arrived = _arrived(broker)
    assert sorted(r["customer_id"] for r in arrived["customers"]) == sorted(
        f"C{n}" for n in range(2, ROWS + 2) if n != BAD_ROW
    )
    assert arrived["customers"][0]["attributes"] == {"shoe_size": 7.0}
    assert all(r["email"] == f"{r['customer_id']}@example.com" for r in arrived["customers"])
    (order,) = arrived["orders"]
    assert (float(order["amount"]), order["category"]) == (-139.12, "LAMP")


def _run(stack: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"CRM_STACK": str(stack), "COLUMNS": "160"})


async def _key(project: str) -> str:
    _, key = await ApiKeys(AsyncClient(project=project)).create(
        new_id(), "test", "owner@example.com", now(), SCOPES
    )
    return key


def _arrived(broker: Broker) -> dict[str, list[dict[str, Any]]]:
    """The records of every message that waits, by kind."""
    found: dict[str, list[dict[str, Any]]] = {"customers": [], "orders": []}
    for message in broker.take_unhandled("records"):
        body = json.loads(base64.b64decode(message["data"]))
        found[body["kind"]] += body["records"]
    return found
