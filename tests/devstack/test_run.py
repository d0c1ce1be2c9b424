"""The stack while its parts die: what was accepted is not lost, what is lost is said, and it goes on."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.e2e.stacks import Stack, key_of, processes, started
from tests.support import ROOT
from tests.waiting import until

pytestmark = pytest.mark.e2e

KNOBS = {"CRM_SAMPLE_CUSTOMERS": "20", "CRM_KEEP_EVERY": "3"}
RULES = {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": "sample"}]}


def test_what_was_accepted_outlives_deaths_restarts_and_a_kill(tmp_path: Path) -> None:
    """One story of three stacks with the same data, for a start takes long."""
    with started(tmp_path, **KNOBS) as stack, stack.member("marketer@example.com") as marketer:
        whatever_dies_what_was_accepted_is_stored(stack, marketer)
        make_segment(marketer, "Made last")  # by a person, so it is in no journal
        # Accepted just before the end: stored by then or kept in the broker, but not lost.
        accept(stack, "LAST", 1)
    first = stack
    assert "Kept the data of 20" in first.said()
    assert "Traceback" not in first.said()
    assert not (tmp_path / "stack.json").exists()

    with started(tmp_path, **KNOBS) as stack:
        with stack.member("marketer@example.com") as marketer:
            assert "Kept data of 20" in stack.said()
            assert re.search(r": 5[34] customers and 80 orders\.", stack.said())  # "LAST" may be among them
            assert stack.about["api_key"] == first.about["api_key"]
            assert segments(marketer) == {"Kept", "Made last"}
            assert marketer.post("/audience/preview", json={"rules": RULES}).json()["matched"] == 20
            until(lambda: known(marketer, "LAST", 1))
            assert known(marketer, "A", 30)
        killed_while_it_exports(stack)

    with started(tmp_path, **KNOBS) as stack, stack.member("marketer@example.com") as marketer:
        assert "messages that were accepted before are handled now" in stack.said()
        until(lambda: known(marketer, "E", 30))
        while_the_database_is_away_everybody_hears_it_and_then_it_heals(stack, marketer)


def whatever_dies_what_was_accepted_is_stored(stack: Stack, marketer: httpx2.Client) -> None:
    with stack.frozen("--target=consumer"):
        accept(stack, "A", 30)
        kill(stack, "pubsub-emulator")
        until(lambda: "The Pub/Sub emulator had died and was started again" in stack.said())
    until(lambda: known(marketer, "A", 30))
    accept(stack, "B", 1)
    until(lambda: known(marketer, "B", 1))  # the new broker pushes

    kill(stack, "--target=vendor")
    until(lambda: "The function vendor had died and was started again" in stack.said())
    until(lambda: is_well(stack.about["functions"]["vendor"]))
    kill(stack, "devstack.relay")
    until(lambda: "The relay to Pub/Sub had died and was started again" in stack.said())
    accept(stack, "C", 1)
    until(lambda: known(marketer, "C", 1))

    make_segment(marketer, "Kept")
    until_kept_again(stack.folder)
    accept(stack, "D", 1)
    kill(stack, "CloudFirestore")
    until(lambda: "The Firestore emulator had died and was started again with the data" in stack.said())
    until(lambda: marketer.get("/segments").status_code == 200)  # the functions start again, too
    until(lambda: known(marketer, "D", 1))
    assert known(marketer, "A", 30)
    assert segments(marketer) == {"Kept"}


def killed_while_it_exports(stack: Stack) -> None:
    """Kill it after it accepted thirty records that nobody has stored. Nothing is left running."""
    with stack.frozen("--target=consumer"):
        kept = {*(stack.folder / "state").iterdir()}
        accept(stack, "E", 30)
        until(lambda: bool({*(stack.folder / "state").iterdir()} - kept))
        assert len(processes(stack.folder)) > 9
        assert stack.process is not None
        stack.process.kill()
        stack.process.wait()
    until(lambda: not processes(stack.folder))
    (stack.folder / "stack.json").unlink()  # else it is taken for the next stack's


def while_the_database_is_away_everybody_hears_it_and_then_it_heals(
    stack: Stack, marketer: httpx2.Client
) -> None:
    assert marketer.get("/segments").status_code == 200
    with stack.frozen("CloudFirestore"):
        answer = marketer.get("/segments")
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        code, said = crm(stack, "campaigns", "audit", "0" * 32)
        assert (code, said) == (2, "The database does not answer.\n")
    until(lambda: marketer.get("/segments").status_code == 200)
    code, said = crm(stack, "campaigns", "audit", "0" * 32)
    assert code == 2
    assert "does not answer" not in said


def kill(stack: Stack, mark: str) -> None:
    """End the process with `mark` in its command line, and all that it started."""
    os.killpg(stack.group(mark), signal.SIGKILL)


def accept(stack: Stack, prefix: str, count: int) -> None:
    """Post customers, each of which must be answered as accepted."""
    with stack.systems() as systems:
        for n in range(count):
            answer = systems.post("/customers", json={"customer_id": f"{prefix}-{n}", "name": "Posted"})
            assert answer.status_code == 202, answer.text


def make_segment(marketer: httpx2.Client, name: str) -> None:
    made = marketer.post("/segments", json={"name": name, "rules": RULES})
    assert made.status_code == 201, made.text


def segments(marketer: httpx2.Client) -> set[str]:
    return {segment["name"] for segment in marketer.get("/segments").json()["data"]}


def known(marketer: httpx2.Client, prefix: str, count: int) -> bool:
    return all(key_of(marketer, f"{prefix}-{n}") is not None for n in range(count))


def until_kept_again(folder: Path) -> None:
    """Wait until a snapshot was begun and ended after this call."""
    pointer = next((folder / "state").glob("current-*"))
    for _ in range(2):
        before = pointer.read_text()
        until(lambda before=before: pointer.read_text() != before)  # type: ignore[misc]


def crm(stack: Stack, *arguments: str) -> tuple[int, str]:
    environment = {**os.environ, "CRM_STACK": str(stack.folder / "stack.json"), "COLUMNS": "200"}
    command = [sys.executable, "-c", "from crm.cli.main import app; app()", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def is_well(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health", timeout=10).status_code == 200
    except httpx2.HTTPError:
        return False
