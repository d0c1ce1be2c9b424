"""`crm members`: in a real database."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from google.api_core.exceptions import PermissionDenied
from google.cloud.firestore import AsyncClient
from typer.testing import CliRunner, Result

from crm.access.store.audit_log import FirestoreAuditLog
from crm.cli.main import app
from crm.platform.clock import now

pytestmark = pytest.mark.emulator


@pytest.fixture
def stack(project: str, tmp_path: Path) -> Path:
    file = tmp_path / "stack.json"
    hosts = {name: os.environ[f"{name.upper()}_EMULATOR_HOST"] for name in ("firestore", "pubsub")}
    file.write_text(json.dumps({"url": "http://localhost:1", "project": project, "emulators": hosts}))
    return file


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["members", *arguments], env={"COLUMNS": "200", **environment})


def test_the_first_administrator_is_let_in_and_stays(stack: Path) -> None:
    added = run("add", "Owner@Example.com", "--role", "admin", CRM_STACK=str(stack))
    assert (added.exit_code, added.output.strip()) == (0, "owner@example.com may sign in as admin.")
    assert "an operator" in run("list", CRM_STACK=str(stack)).output

    again = run("add", "owner@example.com", CRM_STACK=str(stack))
    assert again.exit_code != 0
    assert "a member already" in again.output
    kept = run("remove", "owner@example.com", CRM_STACK=str(stack))
    assert "last administrator" in kept.output
    assert "owner@example.com" in run("list", CRM_STACK=str(stack)).output


def test_a_member_is_removed(stack: Path, project: str) -> None:
    for email, role in (("a@example.com", "admin"), ("b@example.com", "viewer")):
        run("add", email, "--role", role, CRM_STACK=str(stack))

    assert run("remove", "b@example.com", CRM_STACK=str(stack)).exit_code == 0
    assert "b@example.com" not in run("list", CRM_STACK=str(stack)).output
    events, _ = asyncio.run(FirestoreAuditLog(AsyncClient(project=project)).newest(now(), 1))
    assert [(event.by, event.action, event.subject) for event in events] == [
        ("an operator", "member.remove", "b@example.com")
    ]


def test_installations_of_one_project_have_members_of_their_own(project: str) -> None:
    here = {"CRM_DATABASE": "crm", "CRM_TOPIC_PREFIX": "crm-"}
    run("add", "a@example.com", "--role", "admin", "--project", project, **here)

    assert "a@example.com" in run("list", "--project", project, **here).output
    assert "a@example.com" not in run("list", "--project", project, CRM_DATABASE="other").output


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("a@example.com", "--role", "boss"), "boss is no role"),
        (("mira",), "is not an e-mail address"),
        (("\u017fam@example.com",), "LATIN SMALL LETTER LONG S"),
    ],
)
def test_errors_are_shown(arguments: tuple[str, ...], word: str, stack: Path) -> None:
    refused = run("add", *arguments, CRM_STACK=str(stack))

    assert refused.exit_code == 2
    assert word in refused.output


def test_without_credentials_or_rights_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {"GOOGLE_APPLICATION_CREDENTIALS": "", "HOME": str(tmp_path), "NO_GCE_CHECK": "true"}
    for name in ("FIRESTORE_EMULATOR_HOST", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    lacking = run("list", "--project", "my-project", **nothing)
    assert lacking.exit_code == 2
    assert "gcloud auth application-default login" in lacking.output

    async def refused(*_: object) -> None:
        raise PermissionDenied("Missing or insufficient permissions.")  # type: ignore[no-untyped-call]

    monkeypatch.setattr("crm.access.store.members.Members.all", refused)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    answer = run("list", "--project", "my-project", CRM_DATABASE="shop")
    assert answer.exit_code == 2
    assert "the database shop of my-project" in answer.output
    assert "insufficient permissions" in answer.output
