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
from crm.customers.customer_key import customer_key
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


def record(number: int, reason: str = "amount: is no number") -> DeadLetter:
    payload = b'{"order_id":"%d","customer_id":"C-%d"}' % (number, number)
    return DeadLetter(source="records", reason=reason, payload=payload, attributes={"kind": "orders"})


def test_a_filter_replays_many_after_a_dry_run(project: str, stack: Path, broker: Broker) -> None:
    keep(project, *(record(n) for n in range(5)), CHUNK)
    keep(project, record(5, "currency: is missing"), days_ago=2)

    counted = run(stack, "replay", "--source", "records", "--dry-run")
    assert counted.exit_code == 0, counted.output
    assert "6 letters to replay." in counted.output
    assert "currency: is missing" in counted.output
    assert published(broker, "records") == []

    done = run(stack, "replay", "--source", "records", "--reason", "Amount", "--newer-than", "1d", "--yes")
    assert (done.exit_code, "5 published again." in done.output) == (0, True), done.output
    assert len(published(broker, "records")) == 5
    again = run(stack, "replay", "--all", "--yes")
    assert (again.exit_code, "2 published again." in again.output) == (0, True), again.output
    assert (len(published(broker, "records")), published(broker, "chunks")) == (1, [CHUNK.payload])
    assert "No letter to replay." in run(stack, "replay", "--all", "--yes").output


def test_a_few_are_tried_first_and_one_customer_is_named_by_key(
    project: str, stack: Path, broker: Broker
) -> None:
    keep(project, *(record(n) for n in range(3)))
    assert "1 published again." in run(stack, "replay", "--all", "--limit", "1", "--yes").output
    done = run(stack, "replay", "--customer-key", customer_key("C-2"), "--yes")
    assert "1 published again." in done.output
    assert len(published(broker, "records")) == 2
    listed = run(stack, "list", "--customer-key", customer_key("C-2"))
    assert (record(2).id[:12] in listed.output, record(1).id[:12] in listed.output) == (True, False)
    assert "Replayed" in listed.output


@pytest.mark.usefixtures("broker")
def test_letters_that_cannot_be_replayed_are_counted(project: str, stack: Path) -> None:
    keep(project, DeadLetter(source="unknown", reason="", payload=b"strange"), CHUNK)
    done = run(stack, "replay", "--all", "--yes")
    assert done.exit_code == 1
    assert "1 published again." in done.output
    assert "1 cannot be replayed: It came from 'unknown', which is no topic of ours." in done.output


def test_nothing_is_replayed_without_a_yes(project: str, stack: Path, broker: Broker) -> None:
    keep(project, CHUNK)
    environment = {"CRM_STACK": str(stack), "COLUMNS": "200"}
    refused = CliRunner().invoke(app, ["deadletters", "replay", "--all"], input="n\n", env=environment)
    assert (refused.exit_code, published(broker, "chunks")) == (1, [])


@pytest.mark.parametrize(
    "arguments",
    [(), ("abc", "--all"), ("abc", "--source", "chunks"), ("abc", "--dry-run"), ("--newer-than", "a week")],
)
def test_what_is_meant_must_be_clear(stack: Path, arguments: tuple[str, ...]) -> None:
    assert run(stack, "replay", *arguments).exit_code == 2
