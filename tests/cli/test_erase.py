"""`crm erase`: in a real database, and recorded."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from google.cloud.firestore import AsyncClient
from typer.testing import CliRunner, Result

from crm.access.store.audit_log import FirestoreAuditLog
from crm.cli.main import app
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key, use_secret
from crm.customers.dead_letters import DeadLetter
from crm.customers.store import customers
from crm.customers.store.customers import Recipients
from crm.customers.store.dead_letters import DeadLetters
from crm.platform.clock import now
from tests.delivery.campaign_stores import customer
from tests.support import ID_KEY

pytestmark = pytest.mark.emulator

IDS = ["C-1", "C-2", "C-3"]


@pytest.fixture
def stack(project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three customers, and a file that leads to them."""
    file = tmp_path / "stack.json"
    hosts = {name: os.environ[f"{name.upper()}_EMULATOR_HOST"] for name in ("firestore", "pubsub")}
    about = {
        "url": "http://localhost:1",
        "project": project,
        "emulators": hosts,
        "id_key": ID_KEY,
        "erasure_ledger": (tmp_path / "erasures").as_uri(),
    }
    file.write_text(json.dumps(about))
    monkeypatch.setenv("CRM_STACK", str(file))

    async def write() -> None:
        stored = AsyncClient(project=project).collection(customers.COLLECTION)
        for number in (1, 2, 3):
            await stored.document(customer_key(f"C-{number}")).set(customers.encode(customer(number)))

    asyncio.run(write())


def run(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(app, ["erase", *arguments], input=said, env={"COLUMNS": "200"})


def kept(project: str) -> list[str]:
    """The ids of those who are not erased."""

    async def read() -> list[Customer]:
        return list(
            (
                await Recipients(AsyncClient(project=project)).get([customer_key(name) for name in IDS])
            ).values()
        )

    return sorted(each.customer_id for each in asyncio.run(read()) if each.erased_at is None)


@pytest.mark.usefixtures("stack")
def test_listed_ids_are_erased_and_again_without_harm(project: str, tmp_path: Path) -> None:
    for _ in range(2):
        done = run("-", "--yes", said="C-1\n\nC-2\nC-1\nnobody\n")
        assert done.exit_code == 0
        assert done.output.startswith("3 are erased.\n")
        assert kept(project) == ["C-3"]

    events, _ = asyncio.run(FirestoreAuditLog(AsyncClient(project=project)).newest(now(), 10))
    assert {(event.by, event.action, event.subject) for event in events} == {
        ("an operator", "customer.erase", customer_key(name)) for name in ("C-1", "C-2", "nobody")
    }
    entered = {file.stem for file in (tmp_path / "erasures").iterdir()}
    assert entered == {customer_key("C-1"), customer_key("C-2"), customer_key("nobody")}


@pytest.mark.usefixtures("stack")
def test_of_somebody_who_was_never_stored_it_says_so(project: str) -> None:
    async def keep() -> None:
        letter = DeadLetter(source="records", reason="x", payload=b'{"customer_id":"DL-1","visits":"x"}')
        await DeadLetters(AsyncClient(project=project)).keep_all([letter])

    asyncio.run(keep())
    done = run("DL-1", said="y\n")
    assert done.exit_code == 0
    assert "Erase 1 customer permanently?" in done.output
    assert (
        "1 is erased.\nThey are taken out of 1 dead letter.\nNever stored as a customer: DL-1." in done.output
    )
    again = run("DL-1", "--yes")
    assert again.exit_code == 0
    assert "dead letter." not in again.output
    assert "Never stored" not in again.output


@pytest.mark.usefixtures("stack")
def test_nothing_is_erased_without_confirmation(project: str) -> None:
    assert run("C-1", said="n\n").exit_code == 1
    refused = run("-", said="C-1\n")
    assert (refused.exit_code, "say --yes" in refused.output) == (2, True)
    assert run("-", "--yes", said="\n").exit_code == 2

    assert kept(project) == IDS


@pytest.mark.usefixtures("stack")
def test_who_is_named_is_erased_after_a_yes(project: str) -> None:
    assert run("C-3", said="y\n").exit_code == 0
    assert kept(project) == ["C-1", "C-2"]


@pytest.mark.usefixtures("stack")
def test_keys_of_log_lines_are_erased(project: str) -> None:
    done = run("-", "--keys", "--yes", said=f"{customer_key('C-1')}\n{customer_key('nobody')}\nC-2\n")
    assert done.exit_code == 0
    assert "1 is erased." in done.output
    assert f"Not known here: {customer_key('nobody')}, C-2" in done.output
    assert kept(project) == ["C-2", "C-3"]


@pytest.mark.usefixtures("stack")
def test_with_the_secret_of_another_installation_nothing_is_done(
    project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = json.loads((tmp_path / "stack.json").read_text())
    (tmp_path / "stack.json").write_text(json.dumps({**about, "id_key": "another"}))
    try:
        refused = run("C-1", "--yes")
    finally:
        use_secret(ID_KEY)
    assert (refused.exit_code, "CRM_ID_KEY is not that of" in refused.output) == (2, True)
    assert kept(project) == IDS


@pytest.mark.usefixtures("stack")
def test_without_the_ledger_nothing_is_erased(project: str, tmp_path: Path) -> None:
    about = json.loads((tmp_path / "stack.json").read_text())
    (tmp_path / "stack.json").write_text(json.dumps({**about, "erasure_ledger": ""}))
    refused = run("C-1", "--yes")
    assert (refused.exit_code, "This needs CRM_ERASURE_LEDGER" in refused.output) == (2, True)
    assert kept(project) == IDS


@pytest.mark.usefixtures("stack")
def test_without_the_secret_it_is_asked_for(project: str, tmp_path: Path) -> None:
    about = json.loads((tmp_path / "stack.json").read_text())
    (tmp_path / "stack.json").write_text(json.dumps({**about, "id_key": ""}))
    refused = run("C-1", "--yes")
    assert (refused.exit_code, "This needs CRM_ID_KEY" in refused.output) == (2, True)
    assert kept(project) == IDS
