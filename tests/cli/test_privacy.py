"""`crm privacy`: who was erased is erased again, in a real database."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.cloud.firestore import AsyncClient
from typer.testing import CliRunner, Result

from crm.access.store.audit_log import FirestoreAuditLog
from crm.cli.main import app
from crm.customers.customer_key import customer_key
from crm.customers.store import customers
from crm.customers.store.customers import Recipients
from crm.platform.clock import now
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.folder_ledger import FolderLedger
from tests.delivery.campaign_stores import customer
from tests.support import ID_KEY

pytestmark = pytest.mark.emulator

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = [customer_key(name) for name in ("C-1", "C-2", "C-3")]


@pytest.fixture
def stack(project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with two customers, and a ledger with one of them and with somebody unknown."""
    file, ledger = tmp_path / "stack.json", tmp_path / "ledger"
    about = {
        "url": "http://localhost:1",
        "project": project,
        "emulators": {name: os.environ[f"{name.upper()}_EMULATOR_HOST"] for name in ("firestore", "pubsub")},
        "id_key": ID_KEY,
        "erasure_ledger": ledger.as_uri(),
    }
    file.write_text(json.dumps(about))
    monkeypatch.setenv("CRM_STACK", str(file))

    async def write() -> None:
        stored = AsyncClient(project=project).collection(customers.COLLECTION)
        for number in (1, 2):
            await stored.document(KEYS[number - 1]).set(customers.encode(customer(number)))
        for key in (KEYS[0], KEYS[2]):
            await FolderLedger(ledger).add(LedgerEntry(key=key, at=NOON))

    asyncio.run(write())
    return file


def run(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(app, ["privacy", "reapply", *arguments], input=said, env={"COLUMNS": "200"})


def erased(project: str) -> set[str]:
    found = asyncio.run(Recipients(AsyncClient(project=project)).get(KEYS))
    return {key for key, each in found.items() if each.erased_at is not None}


@pytest.mark.usefixtures("stack")
def test_whom_the_ledger_names_is_erased_and_again_without_harm(project: str) -> None:
    counted = run("--dry-run")
    assert (counted.exit_code, erased(project)) == (0, set())
    assert "1 were in the database and would be erased." in counted.output

    first = run("--yes")
    assert (first.exit_code, erased(project)) == (0, {KEYS[0], KEYS[2]})
    assert first.output.splitlines() == [
        "2 in the ledger.",
        "1 were in the database and are erased now.",
        "0 were erased there already.",
        "1 were unknown there and are marked as erased.",
    ]
    assert "2 were erased there already." in run("--yes").output

    events, _ = asyncio.run(FirestoreAuditLog(AsyncClient(project=project)).newest(now(), 10))
    assert [(event.action, event.subject) for event in events] == [("customer.erase", KEYS[0])]


@pytest.mark.usefixtures("stack")
def test_nothing_is_erased_without_confirmation(project: str) -> None:
    assert run(said="n\n").exit_code == 1
    assert erased(project) == set()


@pytest.mark.parametrize(("ledger", "why"), [("", "needs CRM_ERASURE_LEDGER"), ("gs:", "does not hold")])
def test_without_a_ledger_it_says_what_is_missing(stack: Path, ledger: str, why: str, project: str) -> None:
    stack.write_text(json.dumps({**json.loads(stack.read_text()), "erasure_ledger": ledger}))
    refused = run("--yes")
    assert (refused.exit_code, why in refused.output) == (2, True)
    assert erased(project) == set()
