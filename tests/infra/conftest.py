"""The real Terraform CLI on a copy of infra/terraform, and what it plans for each environment.

Where neither a wrapper nor the registry has the providers, these tests are skipped; see
`deploy/offline_plan.py`.
"""

import os
import shutil
from collections.abc import Mapping
from typing import Any

import pytest

from deploy.offline_plan import Cli as Terraform
from deploy.offline_plan import Outcome, wrapper
from devstack.locks import locked
from tests.support import ROOT

SOURCE = ROOT / "infra" / "terraform"
ENVIRONMENTS = ("small", "large")
REFUSAL = "refusal.txt"


def looked_at(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a condition of an alert looks at: a threshold, or an absence."""
    kinds = [*(condition["condition_threshold"] or []), *(condition["condition_absent"] or [])]
    assert len(kinds) == 1
    found: Mapping[str, Any] = kinds[0]
    return found


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """The CLI, initialized once a run. Skips where it is not installed, or gets no providers."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "infra" / "terraform"
    with locked(shared / "infra.lock"):
        if not folder.exists():
            (folder / REFUSAL).write_text(Terraform.copied(SOURCE, folder).init())
    refusal = (folder / REFUSAL).read_text()
    if refusal and not wrapper():
        pytest.skip("no providers: neither Terraform's registry nor a wrapper that serves their schemas")
    assert not refusal, refusal
    return Terraform(wrapper() or "terraform", folder)


@pytest.fixture(scope="session")
def outcomes(terraform: Terraform) -> dict[str, Outcome]:
    """The result of the configuration's own tests, for each environment."""
    with locked(terraform.folder.with_name("outcomes.lock")):
        return {name: _tested(terraform, name) for name in ENVIRONMENTS}


PLANNED = {"small": ("promises", "installations"), "large": ("promises",)}
"""By environment, the tests whose plans are kept, which makes them long."""

REFUSED = ("environments", "refusals", "sizes", "switches")


def _tested(terraform: Terraform, environment: str) -> Outcome:
    """What the others say does not depend on the environment."""
    said = terraform.folder.with_name(f"{environment}.jsonl")
    if not said.exists():
        kept = terraform.test(environment, PLANNED[environment], "-verbose")
        others = terraform.test(environment, REFUSED) if environment == ENVIRONMENTS[0] else ""
        said.write_text(kept + others)
    return Outcome.read(said.read_text().splitlines())


@pytest.fixture(params=ENVIRONMENTS)
def planned(request: pytest.FixtureRequest, outcomes: dict[str, Outcome]) -> Outcome:
    """One environment after the other."""
    return outcomes[request.param]
