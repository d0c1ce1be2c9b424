"""The last release and this checkout against one stack, while campaigns are sent and records arrive."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest

from crm.topology import FUNCTIONS, PUBLISHES, PUSHES
from rehearse.upgrade import Changes, order_of_replacement, replace_all
from tests.compat import files
from tests.e2e.stacks import processes
from tests.support import ROOT

SECONDS = 600


def newest_release() -> str:
    """The commit of the highest version."""
    released = files.releases()
    return released[max(released, key=lambda version: [int(part) for part in version.split(".")])]


@pytest.mark.e2e
def test_both_versions_of_every_function_work_side_by_side(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rehearse", "--only", "upgrade", "--from", newest_release()]
    run = subprocess.run(
        [*command, "--keep", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "CRM_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    said = re.sub(r"\s+", " ", run.stdout)
    assert said.count(f"{len(FUNCTIONS)} functions replaced") == 2 * 2  # as it is done, and in the table
    assert re.search(r"answers with 5xx, of all calls │ 0 of \d", said)
    assert re.search(r"error lines of all functions │ 0 │", said)
    assert said.endswith("It holds. ")
    assert not processes(tmp_path)


def test_functions_of_one_version_alone_are_started_or_stopped_and_not_compared() -> None:
    changes = Changes.between({"deliver", "consumer", "mailer"}, {"deliver", "consumer", "tracker"})

    assert changes == Changes(added=["tracker"], kept=["consumer", "deliver"], removed=["mailer"])
    assert str(changes) == "1 function added, 2 functions replaced, 1 function removed"


def test_readers_of_topics_are_replaced_before_publishers() -> None:
    order = order_of_replacement()
    takes = {push.topic: push.function for push in PUSHES}

    assert sorted(order) == sorted(FUNCTIONS)
    for publisher, topics in PUBLISHES.items():
        assert all(order.index(takes[topic]) <= order.index(publisher) for topic in topics)


async def test_a_new_function_serves_alone_and_a_removed_one_is_stopped_last() -> None:
    served: list[tuple[str, ...]] = []
    fleet = SimpleNamespace(
        packages={"v1": {"deliver": 0, "mailer": 0}, "v2": {"deliver": 0, "tracker": 0}},
        serve=lambda *given: served.append(given),
    )
    front = SimpleNamespace(calls=lambda function: Counter({"v1": 0, "v2": 0}))
    rehearsal: Any = SimpleNamespace(
        stage=SimpleNamespace(fleet=fleet, front=front), launch=AsyncMock(return_value=None)
    )

    await replace_all(rehearsal, ("v1", "v2"), "first", calls=0)

    assert served == [("tracker", "v2"), ("deliver", "v1", "v2"), ("deliver", "v2"), ("mailer",)]
    rehearsal.launch.assert_awaited_once_with("first")
