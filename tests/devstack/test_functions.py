"""Functions that die are restarted; one that never starts is reported."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm.topology import FUNCTIONS
from devstack import functions
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.processes import Child
from devstack.secrets import Secrets
from devstack.settings import Ports

SLEEPS = "import time; time.sleep(60)"
FAILS = "print('no such setting', flush=True); raise SystemExit(3)"


def with_code(code: str) -> Callable[..., Child]:
    def start(name: str, program: Any, port: int, variables: Any, logs: Path, *, append: bool) -> Child:
        own = code if name == "vendor" else SLEEPS
        return Child(name, [sys.executable, "-c", own], logs / f"{name}.log", append=append)

    return start


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Functions]:
    def make(vendor: str) -> Functions:
        monkeypatch.setattr(functions, "_function", with_code(vendor))
        variables: dict[str, dict[str, str]] = {name: {} for name in FUNCTIONS}
        ports = Ports(1, dict.fromkeys(FUNCTIONS, 1))
        return Functions(ports, variables, Secrets("", "", "", "", "", "", ""), tmp_path)

    return make


def test_a_killed_function_is_restarted_however_often(made: Callable[[str], Functions]) -> None:
    stack = made(SLEEPS)
    with stack.running():
        for _ in range(4):
            before = stack.children["vendor"]
            before.kill()
            assert stack.revive() == ["vendor"]
            assert stack.children["vendor"] is not before
            assert stack.revive() == []
    assert all(child.ended() for child in stack.children.values())


def test_a_function_that_never_starts_is_given_up_with_its_last_output(
    made: Callable[[str], Functions],
) -> None:
    def watch() -> None:
        for _ in range(200):
            stack.revive()
            time.sleep(0.05)

    stack = made(FAILS)
    with stack.running(), pytest.raises(StackError, match="vendor keeps ending while it starts") as caught:
        watch()
    assert str(caught.value).count("no such setting") == 3
