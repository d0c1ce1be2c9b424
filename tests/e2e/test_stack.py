"""The stack itself: when it cannot start it says why and leaves nothing running.

What it keeps over a restart, and what it does when something dies, is in `tests/devstack/test_run.py`.
"""

import socket
from pathlib import Path

import pytest

from tests.e2e.stacks import Stack, launch, processes
from tests.waiting import PATIENCE

pytestmark = pytest.mark.e2e


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
