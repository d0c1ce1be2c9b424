"""`crm deadletters`: found, shown and given another try, in a real database and to real topics."""

import asyncio
import base64
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from google.cloud.firestore import AsyncClient
from typer.testing import CliRunner, Result

from crm.cli.main import app
from crm.customers.dead_letters import MAX_PAYLOAD, DeadLetter
from crm.customers.store import dead_letters
from crm.platform.clock import now
from crm.platform.firestore.commits import Commit
from devstack.broker import Broker

pytestmark = pytest.mark.emulator

CHUNK = DeadLetter(source="chunks", reason="no handler took it", payload=b'{"campaign_id":"c1"}')
RECORD = DeadLetter(
    source="records", reason="amount: is no number", payload=b'{"a":1}', attributes={"kind": "orders"}
)


@pytest.fixture
def broker(project: str) -> Broker:
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in ("chunks", "records"):
        made.create_topic(topic)
        made.create_subscription(topic, {"topic": made.topic_name(topic)})
    return made


@pytest.fixture
def stack(project: str, tmp_path: Path) -> Path:
    file = tmp_path / "stack.json"
    hosts = {name: os.environ[f"{name.upper()}_EMULATOR_HOST"] for name in ("firestore", "pubsub")}
    file.write_text(json.dumps({"url": "http://localhost:1", "project": project, "emulators": hosts}))
    return file


def keep(project: str, *letters: DeadLetter, days_ago: int = 0) -> None:
    async def write() -> None:
        for letter in letters:
            commit = Commit(AsyncClient(project=project))
            dead_letters.write(commit, letter, now() - timedelta(days=days_ago))
            await commit.send()

    asyncio.run(write())


def run(stack: Path, *arguments: str) -> Result:
    environment = {"CRM_STACK": str(stack), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["deadletters", *arguments], env=environment)


def published(broker: Broker, topic: str) -> list[bytes]:
    return [base64.b64decode(message["data"]) for message in broker.take_unhandled(topic)]


def test_letters_are_listed_and_shown(project: str, stack: Path) -> None:
    keep(project, CHUNK, RECORD)
    keep(project, DeadLetter(source="chunks", reason="long ago", payload=b"old"), days_ago=31)
    listed = run(stack, "list")
    assert listed.exit_code == 0, listed.output
    assert CHUNK.id[:12] in listed.output
    assert "amount: is no number" in listed.output
    assert "long ago" not in listed.output  # the database forgets it within a day
    shown = json.loads(run(stack, "show", RECORD.id[:12]).output)
    assert (shown["id"], shown["payload"], shown["topic"]) == (RECORD.id, '{"a":1}', "records")


def test_the_same_payload_of_another_topic_is_another_letter(project: str, stack: Path) -> None:
    other = replace(CHUNK, source="partitions")
    keep(project, CHUNK, other, CHUNK)
    shown = {letter.source: json.loads(run(stack, "show", letter.id).output) for letter in (CHUNK, other)}
    assert {topic: (each["topic"], each["times"]) for topic, each in shown.items()} == {
        "chunks": ("chunks", 2),
        "partitions": ("partitions", 1),
    }


def test_a_letter_is_replayed_once_unless_it_fails_again(project: str, stack: Path, broker: Broker) -> None:
    keep(project, CHUNK, RECORD)
    for letter in (CHUNK, RECORD):
        for said in ("Published again.", "It was replayed before, and did not fail since."):
            result = run(stack, "replay", letter.id)
            assert (result.exit_code, result.output.strip()) == (0, said)
    assert published(broker, "chunks") == [CHUNK.payload]
    assert published(broker, "records") == [b'{"kind":"orders","records":[{"a":1}]}']
    keep(project, CHUNK)
    assert run(stack, "replay", CHUNK.id).output.strip() == "Published again."
    assert published(broker, "chunks") == [CHUNK.payload]


@pytest.mark.usefixtures("broker")
def test_a_letter_that_cannot_be_replayed_says_why(project: str, stack: Path) -> None:
    strange = DeadLetter(source="unknown", reason="", payload=b"strange")
    long = DeadLetter(source="chunks", reason="", payload=b"x" * (MAX_PAYLOAD + 1))
    keep(project, strange, long)
    for letter, why in ((strange.id, "no topic of ours"), (long.id, "too long"), ("abc/def", "no such")):
        result = run(stack, "replay", letter)
        assert result.exit_code == 2
        assert why in result.output
