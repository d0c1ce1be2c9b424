"""The real Terraform CLI on a copy of infra/terraform, and what it plans for each environment.

A wrapper of the CLI that serves the providers' schemas offline may lie next to the checkout. Where neither
that, nor one that CRM_TERRAFORM names, nor the registry has the providers, these tests are skipped.
"""

import os
import shutil
from collections.abc import Mapping
from typing import Any

import pytest

from deploy.offline_plan import WRAPPER, Outcome, program
from deploy.offline_plan import Cli as Terraform
from devstack.locks import locked
from tests.support import ROOT

SOURCE = ROOT / "infra" / "terraform"
VALIDATOR = ROOT.parent / "shared" / "terraform" / "tf"
ENVIRONMENTS = ("small", "large")
REFUSAL = "refusal.txt"


def looked_at(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a condition of an alert looks at: a threshold, or an absence."""
    kinds = [*(condition["condition_threshold"] or []), *(condition["condition_absent"] or [])]
    assert len(kinds) == 1
    found: Mapping[str, Any] = kinds[0]
    return found


def name_wrapper() -> None:
    """Name the wrapper next to the checkout, where there is one and none is named."""
    if VALIDATOR.exists():
        os.environ.setdefault(WRAPPER, str(VALIDATOR))


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """The CLI, initialized once a run. Skips where it is not installed, or gets no providers."""
    name_wrapper()
    if shutil.which(program()) is None:
        pytest.skip("terraform is not installed")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "infra" / "terraform"
    with locked(shared / "infra.lock"):
        if not folder.exists():
            (folder / REFUSAL).write_text(Terraform.copied(SOURCE, folder).init())
    refusal = (folder / REFUSAL).read_text()
    if refusal and WRAPPER not in os.environ:
        pytest.skip("no providers: neither Terraform's registry nor a wrapper that serves their schemas")
    assert not refusal, refusal
    return Terraform(program(), folder)


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
