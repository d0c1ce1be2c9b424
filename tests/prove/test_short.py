"""The short scenario of `make prove`, on a stack of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.stacks import processes
from tests.support import ROOT

pytestmark = pytest.mark.e2e

SECONDS = 500


def test_a_campaign_survives_kills_at_chosen_fault_points(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "prove", "--short", "--seed", "4", "--keep", str(tmp_path)]
    variables = {**os.environ, "CRM_STATE": str(tmp_path)}
    run = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=SECONDS)

    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"recipients\W+1,500", run.stdout)
    for promise in ("by the vendor's ledger", "by the rows", "losses", "counter drift"):
        assert re.search(rf"{promise}\W+0\W", run.stdout), run.stdout
    assert "6 at chosen lines, 1 at random" in re.sub(r"\s+│\s+│\s+", " ", run.stdout)
    assert not processes(tmp_path)
