"""The real Terraform CLI on a copy of infra/terraform, and what it plans for each environment.

The providers' schemas come from a wrapper of the CLI that serves them offline, where there is one:
`CRM_TERRAFORM` names it, else it is looked for next to the checkout. Without a wrapper they come from the
registry. Where neither can be had, these tests are skipped.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from devstack.locks import locked
from tests.support import ROOT

SOURCE = ROOT / "infra" / "terraform"
WRAPPER = ROOT.parent / "shared" / "terraform" / "tf"
ENVIRONMENTS = ("small", "large")
REFUSAL = "refusal.txt"
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True)
class Terraform:
    """The CLI in a folder of its own."""

    command: str
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        variables = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        return subprocess.run(
            [self.command, *arguments],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )


@dataclass(frozen=True)
class Outcome:
    """What `terraform test` found in one environment: failures by run, and what each run planned."""

    failures: list[str] = field(default_factory=list)
    passed: int = 0
    plans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def plan(self) -> Mapping[str, Any]:
        """What the run "planned" planned, of all resources of an environment."""
        return self.plans.get("planned", {})

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Address → planned values."""
        return {each["address"]: each["change"]["after"] for each in self.plan["resource_changes"]}

    def function(self, name: str) -> dict[str, Any]:
        """The service configuration of a function."""
        resource = self.resources[f'module.function["{name}"].google_cloudfunctions2_function.this']
        config: dict[str, Any] = resource["service_config"][0]
        return config

    @property
    def functions(self) -> set[str]:
        """The names of the functions that are deployed."""
        return {
            each["values"]["build_config"][0]["entry_point"]
            for each in self._of("google_cloudfunctions2_function")
        }

    @property
    def subscriptions(self) -> dict[str, dict[str, Any]]:
        """Push subscriptions by topic, as the code names it."""
        return {
            each["index"]: each["values"] for each in self._of("google_pubsub_subscription") if each["index"]
        }

    def output(self, name: str) -> Any:
        """An output's value."""
        return self.plan["output_changes"][name]["after"]

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [
            {"values": values, "index": address.partition('["')[2].partition('"]')[0]}
            for address, values in self.resources.items()
            if f"{kind}." in address
        ]


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
    wrapper = os.environ.get("CRM_TERRAFORM") or (str(WRAPPER) if WRAPPER.exists() else "")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = Terraform(wrapper or "terraform", shared / "infra" / "terraform")
    with locked(shared / "infra.lock"):
        if not made.folder.exists():
            shutil.copytree(SOURCE, made.folder, ignore=shutil.ignore_patterns(".terraform*"))
            (made.folder / "backend_override.tf").write_text(LOCAL_STATE)  # no bucket is asked
            (made.folder / REFUSAL).write_text(_initialized(made))
    refusal = (made.folder / REFUSAL).read_text()
    if refusal and not wrapper:
        pytest.skip("no providers: neither Terraform's registry nor a wrapper that serves their schemas")
    assert not refusal, refusal
    return made


def _initialized(terraform: Terraform) -> str:
    """Why it could not be initialized; empty if it was."""
    try:
        done = terraform.run("init", "-no-color", "-input=false")
    except subprocess.TimeoutExpired:
        return "the registry does not answer"
    return done.stderr if done.returncode else ""


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
        variables = f"-var-file=environments/{environment}.tfvars"
        kept = terraform.run("test", "-json", "-verbose", variables, *_filters(PLANNED[environment]))
        others = ""
        if environment == ENVIRONMENTS[0]:
            others = terraform.run("test", "-json", variables, *_filters(REFUSED)).stdout
        said.write_text(kept.stdout + others)
    return _read(said.read_text().splitlines())


def _filters(names: Iterable[str]) -> list[str]:
    return [f"-filter=tests/{name}.tftest.hcl" for name in names]


def _read(lines: Iterable[str]) -> Outcome:
    failures: list[str] = []
    passed = 0
    plans: dict[str, Any] = {}
    for line in lines:
        said = json.loads(line)
        if said["type"] == "diagnostic" and said["@level"] == "error":
            failures.append(
                f"{said.get('@testrun', '')}: {said['diagnostic']['summary']}: {said['diagnostic']['detail']}"
            )
        elif said["type"] == "test_plan":
            plans[said["@testrun"]] = said["test_plan"]
        elif said["type"] == "test_summary":
            passed += said["test_summary"]["passed"]
    return Outcome(failures, passed, plans)


@pytest.fixture(params=ENVIRONMENTS)
def planned(request: pytest.FixtureRequest, outcomes: dict[str, Outcome]) -> Outcome:
    """One environment after the other."""
    return outcomes[request.param]
