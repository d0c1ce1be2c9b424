"""`crm campaigns`: the audit of a campaign, and what it reports where rows and ledger differ."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crm.cli.main import app
from crm.delivery.store import communication_log
from tests.delivery.campaign_stores import World, customer, withdrawn
from tests.vendor_stub import VENDOR_KEY, VendorStub

pytestmark = pytest.mark.emulator


@pytest.fixture
def stack(project: str, vendor_stub: VendorStub, tmp_path: Path) -> Path:
    file = tmp_path / "stack.json"
    content = {
        "url": "http://localhost:1",
        "project": project,
        "vendor_key": VENDOR_KEY,
        "functions": {"vendor": vendor_stub.url},
        "emulators": {name: os.environ[f"{name.upper()}_EMULATOR_HOST"] for name in ("firestore", "pubsub")},
    }
    file.write_text(json.dumps(content))
    return file


async def run(stack: Path, *arguments: str, columns: int = 220) -> Result:
    environment = {"CRM_STACK": str(stack), "COLUMNS": str(columns)}
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)


def figures(result: Result) -> dict[str, list[str]]:
    """The table by its first column."""
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.output.splitlines()]
    return {row[0]: [cell for cell in row[1:] if cell] for row in cells if row}


async def sent(world: World, vendor_stub: VendorStub) -> None:
    """Nine of ten matched are reachable; two of these fail, one withdraws, three wait."""
    vendor_stub.rejects["c1@example.com"] = "no such mailbox"
    await world.has(customer(99, email=None))
    first, *_ = await world.sending(9)
    await world.has(withdrawn(0))
    await world.pushes("chunks", first)
    rows = [row for row in (await world.rows()).values() if row.status == "accepted"]
    await world.receives(rows[:1], status="failed", reason="bounced")
    await world.receives(rows[1:3])


async def test_an_audience_that_adds_up(
    world: World, vendor_stub: VendorStub, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 6)
    await sent(world, vendor_stub)
    result = await run(stack, "campaigns", "audit", "c1")
    assert result.exit_code == 0, result.output
    table = figures(result)
    assert table["matched"] == ["10"]
    assert table["no_address"] == ["-1"]
    assert table["reachable"] == table["audience"] == ["9"]
    assert table["pending"] == ["3"]
    by_status = {name: int(table[name][0]) for name in ("accepted", "delivered", "failed", "skipped")}
    assert sum(by_status.values()) == 6
    assert by_status["delivered"] == 2
    assert table["delivered"][1:] == ["2", "0", "0"]
    assert table["remainder"] == ["0"]
    assert "No difference." in result.output


async def test_each_kind_of_difference_is_named(
    world: World, vendor_stub: VendorStub, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 6)
    await sent(world, vendor_stub)
    await world.pauses()
    rows = await world.rows()
    delivered = next(row for row in rows.values() if row.status == "delivered")
    del vendor_stub.ledger[delivered.message_id]
    gone = next(row for row in rows.values() if row.status == "accepted")
    await world.database.document(f"{communication_log.COLLECTION}/{gone.message_id}").delete()
    result = await run(stack, "campaigns", "audit", "c1")
    assert result.exit_code == 1
    assert f"{delivered.message_id} is delivered here, and absent in the vendor's ledger" in result.output
    assert "the counters of shard 0 and group all lack -1 accepted" in result.output
    assert "+1 recipients are neither in a row nor waiting" in result.output
    corrected = await run(stack, "campaigns", "audit", "c1", "--apply-corrections")
    assert "are corrected" in corrected.output
    again = await run(stack, "campaigns", "audit", "c1")
    assert again.exit_code == 1
    assert "lack" not in again.output


async def test_messages_that_wait_here_and_are_sent_there(
    world: World, vendor_stub: VendorStub, stack: Path
) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    for row in (await world.rows()).values():
        await world.database.document(f"{communication_log.COLLECTION}/{row.message_id}").delete()
    await world.database.document("campaigns/c1/chunks/0000-0000").update({"state": "pending"})
    await world.pauses()
    result = await run(stack, "campaigns", "audit", "c1")
    assert result.exit_code == 1
    assert result.output.count("is pending here, and accepted in the vendor's ledger") == 3


async def test_the_list_and_an_unknown_campaign(world: World, stack: Path) -> None:
    await world.sending(2)
    await world.drafts(campaign_id="c2", name="Autumn")
    result = await run(stack, "campaigns", "list")
    assert result.exit_code == 0, result.output
    assert figures(result)["c1"] == ["Spring", "2: 2 pending"]
    assert figures(result)["c2"] == ["Autumn"]
    missing = await run(stack, "campaigns", "audit", "nobody")
    assert missing.exit_code == 2
    assert "There is no such campaign." in missing.output


async def test_an_id_is_whole_in_a_narrow_terminal(world: World, stack: Path) -> None:
    name = "0123456789abcdef0123456789abcdef"
    await world.drafts(campaign_id=name, name="[Spring] " * 12, note="Something to read. " * 8)
    result = await run(stack, "campaigns", "list", columns=60)
    assert name in result.output
    assert "[Spring]" in result.output
    assert max(map(len, result.output.splitlines())) <= 60
