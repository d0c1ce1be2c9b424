"""Children end with their parent, however that ends, and their last words are kept."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.processes import Child, free_port, is_free, stop_all
from tests.waiting import PATIENCE, until

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
"""
STARTS_ANOTHER = """
import subprocess, sys
another = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
print(another.pid, flush=True)
another.wait()
"""
STARTS_A_CHILD = """
import sys, time
from pathlib import Path
from devstack.processes import Child
Child("The child", [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"],
      Path(sys.argv[1]))
time.sleep(60)
"""


def python(code: str, log: Path, name: str = "The program", *arguments: str) -> Child:
    return Child(name, [sys.executable, "-c", code, *arguments], log)


def until_written(log: Path) -> None:
    until(lambda: log.exists() and bool(log.read_text().strip()))


def is_running(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_stopping_ends_processes_that_ignore_sigterm_and_their_children(tmp_path: Path) -> None:
    child = python(STARTS_ANOTHER, tmp_path / "log", "The program", STUBBORN)
    until_written(tmp_path / "log")
    grandchild = int((tmp_path / "log").read_text())
    stop_all([child], grace=0.5)
    assert child.ended()
    until(lambda: not is_running(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_killed_parent_leaves_no_child(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", STARTS_A_CHILD, str(tmp_path / "log")])
    until_written(tmp_path / "log")
    child = int((tmp_path / "log").read_text())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until(lambda: not is_running(child))


def test_a_program_that_ends_while_starting_is_named_with_its_last_words(tmp_path: Path) -> None:
    child = python("raise SystemExit('no such bucket')", tmp_path / "log", "The function ingest")
    with pytest.raises(
        StackError, match=r"(?s)The function ingest ended while it was starting.*no such bucket"
    ):
        child.wait_until_answers(f"http://127.0.0.1:{free_port()}/", PATIENCE)


def test_a_program_that_never_answers_is_given_up(tmp_path: Path) -> None:
    child = python("import time; time.sleep(60)", tmp_path / "log")
    try:
        with pytest.raises(StackError, match="did not answer within 1 seconds"):
            child.wait_until_answers(f"http://127.0.0.1:{free_port()}/", 1)
    finally:
        child.stop()


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"(?s)The build failed.*a syntax error"):
        python("raise SystemExit('a syntax error')", tmp_path / "log", "The build").finish()
    python("print('fine')", tmp_path / "log").finish()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="nonexistent: No such file"):
        Child("The program", ["nonexistent"], tmp_path / "log").finish()


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not is_free(listener.getsockname()[1])
    assert is_free(free_port())


def test_no_port_is_given_twice() -> None:
    assert len({free_port() for _ in range(300)}) == 300
