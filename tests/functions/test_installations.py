"""Two installations in one project: each function uses only its own database and topics."""

import ast
import base64
import json
from pathlib import Path

import pytest

from crm.customers.store import customers, dead_letters
from crm.platform.firestore.client import client
from crm.topology import FUNCTIONS
from tests.support import ROOT, client_of, load_function

CONNECTIONS = {"client": "database", "Publisher": "topic_prefix"}
"""What a function connects with → the setting that says to which installation, its second argument."""


def calls(folder: Path) -> list[ast.Call]:
    trees = [ast.parse(file.read_text()) for file in sorted(folder.rglob("*.py"))]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_connection_is_to_the_installation_of_the_settings(function: str) -> None:
    made = [call for call in calls(ROOT / "functions" / function) if ast.unparse(call.func) in CONNECTIONS]

    assert made
    for call in made:
        project, place = [ast.unparse(argument) for argument in call.args]
        assert project.endswith("settings.project")
        assert place.endswith(f"settings.{CONNECTIONS[ast.unparse(call.func)]}")


@pytest.mark.emulator
async def test_records_go_to_the_database_of_the_settings(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DATABASE", "second")
    monkeypatch.setenv("CRM_TOPIC_PREFIX", "second-")
    record = {"customer_id": "C", "name": "Mira", "updated_at": "2026-01-01T00:00:00Z"}
    pack = json.dumps({"kind": "customers", "records": [record]}).encode()
    lost = {"CloudPubSubDeadLetterSourceSubscription": "second-chunks"}

    async with client_of(load_function("consumer"), headers=push_headers) as consumer:
        for path, body, attributes in (("records", pack, {}), ("dead-letters", b"{}", lost)):
            message = {"data": base64.b64encode(body).decode(), "messageId": "1", "attributes": attributes}
            answer = await consumer.post(f"/events/{path}", json={"message": message})
            assert answer.status_code == 204

    first, second = client(project), client(project, "second")
    assert [row.get("name") for row in await second.collection(customers.COLLECTION).get()] == ["Mira"]
    assert [row.get("source") for row in await second.collection(dead_letters.COLLECTION).get()] == ["chunks"]
    assert await first.collection(customers.COLLECTION).get() == []
