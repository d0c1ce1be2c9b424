"""Instances that the rehearsal kills are started again; one that dies otherwise ends it."""

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.processes import Child, stop_all
from devstack.settings import Ports
from rehearse.fleet import Fleet, Instance
from rehearse.front import Backend, Front

SLEEPS = "import time; time.sleep(60)"
ENDS = "print('no such setting', flush=True); raise SystemExit(3)"
IS_KILLED = "import os; print('out of memory', flush=True); os.kill(os.getpid(), 9)"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(Front(Ports(1, {"deliver": 1})), {}, {}, tmp_path)
    yield made
    stop_all(instance.child for instance in made.instances.values())


def run(fleet: Fleet, code: str) -> Instance:
    start = partial(Child, "deliver v2", [sys.executable, "-c", code], fleet.logs / "deliver.log")
    made = fleet.instances["deliver", "v2"] = Instance(Backend("v2", ""), start, start())
    return made


def test_a_killed_instance_is_started_again_however_often(fleet: Fleet) -> None:
    instance = run(fleet, SLEEPS)
    for _ in range(4):
        before = instance.child
        fleet.kill("deliver", "v2")
        fleet.revive()
        assert instance.child is not before
        assert not instance.child.ended()


@pytest.mark.parametrize(("code", "said"), [(ENDS, "no such setting"), (IS_KILLED, "out of memory")])
def test_an_instance_that_dies_as_it_starts_again_ends_the_rehearsal_with_its_log(
    fleet: Fleet, code: str, said: str
) -> None:
    run(fleet, code)
    fleet.kill("deliver", "v2")
    fleet.revive()

    with pytest.raises(StackError, match=said):
        watch(fleet)


def watch(fleet: Fleet) -> None:
    for _ in range(200):
        fleet.revive()
        time.sleep(0.05)
