"""The stack itself: it keeps its data, and when it cannot go on it says why and leaves nothing running.

What it does when something dies is in `tests/devstack/test_run.py`.
"""

import socket
import sys
from pathlib import Path

import pytest

from tests.e2e.stacks import Stack, key_of, launch, processes, started
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.e2e

SAMPLE = {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": "sample"}]}


def test_data_outlives_a_restart(tmp_path: Path) -> None:
    with started(tmp_path, CRM_SAMPLE_CUSTOMERS="20") as stack:
        key = stack.about["api_key"]
        with stack.member("marketer@example.com") as marketer:
            made = marketer.post("/segments", json={"name": "Kept", "rules": SAMPLE})
            assert made.status_code == 201, made.text
        with stack.systems() as systems:
            # Accepted just before the end: stored by then or kept in the broker, but not lost.
            accepted = systems.post("/customers", json={"customer_id": "LAST", "name": "Posted last"})
            assert accepted.status_code == 202, accepted.text

    assert not (tmp_path / "stack.json").exists()
    with started(tmp_path, CRM_SAMPLE_CUSTOMERS="20") as stack:
        assert stack.about["api_key"] == key
        with stack.member("marketer@example.com") as marketer:
            assert [segment["name"] for segment in marketer.get("/segments").json()["data"]] == ["Kept"]
            matched = marketer.post("/audience/preview", json={"rules": SAMPLE}).json()["matched"]
            assert matched == 20
            until(lambda: key_of(marketer, "LAST") is not None)


def test_a_busy_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert launch(tmp_path, CRM_PORT=port).wait(2 * PATIENCE) == 1
    said = (tmp_path / "output.txt").read_text()
    assert f"Port {port} is taken by another program. Stop that one, or choose another" in said
    assert "Traceback" not in said
    assert not processes(tmp_path)


def test_a_second_stack_with_the_same_data_is_refused(stack: Stack) -> None:
    assert launch(stack.folder, "second.txt").wait(2 * PATIENCE) == 1
    assert "Another stack runs with the data in" in (stack.folder / "second.txt").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_killed_stack_leaves_nothing_running(stack: Stack) -> None:
    """The last of all tests that use the stack which they share: afterwards it is no more."""
    if stack.process is None:
        pytest.skip("a stack that was running before is not ours to kill")
    assert len(processes(stack.folder)) > 9
    stack.process.kill()
    stack.process.wait()
    until(lambda: not processes(stack.folder))
