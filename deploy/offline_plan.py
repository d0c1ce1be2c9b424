"""What Terraform plans for an environment, without Google: in the configuration's own tests.

The providers' schemas come from the registry, or from a wrapper of the CLI that serves them offline:
`CRM_TERRAFORM` names it.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from deploy.errors import DeployError, TerraformMissing

WRAPPER: Final = "CRM_TERRAFORM"
"""The variable that names a wrapper of the CLI."""

LOCAL_STATE: Final = 'terraform {\n  backend "local" {}\n}\n'
PLANNED: Final = "promises"
"""The test whose run "planned" plans a whole environment."""

GOGC: Final = "300"
"""The CLI reads the providers' schemas in each run of a test, and spends much of its time on looking for
garbage. This way it takes two thirds of the time, and 600 instead of 300 MB."""

_SECONDS = 600


def program() -> str:
    """The CLI, or the wrapper of it."""
    return os.environ.get(WRAPPER) or "terraform"


@dataclass(frozen=True)
class Cli:
    """The CLI in a folder of its own."""

    command: str
    folder: Path

    @classmethod
    def copied(cls, source: Path, folder: Path) -> "Cli":
        """On a new copy of a configuration, in `folder`, whose state is a file."""
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".terraform*"))
        (folder / "backend_override.tf").write_text(LOCAL_STATE)  # no bucket is asked
        return cls(program(), folder)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        variables = {"GOGC": GOGC, **os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        return subprocess.run(
            [self.command, *arguments],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )

    def init(self) -> str:
        """Get the providers. Why that did not work; empty if it did."""
        try:
            done = self.run("init", "-no-color", "-input=false")
        except subprocess.TimeoutExpired:
            return "the registry does not answer"
        return done.stderr if done.returncode else ""

    def test(self, environment: str, tests: Iterable[str], *arguments: str) -> str:
        """Run some of the configuration's own tests for an environment; what they say, as lines of JSON."""
        variables = f"-var-file=environments/{environment}.tfvars"
        filters = [f"-filter=tests/{name}.tftest.hcl" for name in tests]
        return self.run("test", "-json", *arguments, variables, *filters).stdout


@dataclass(frozen=True)
class Outcome:
    """What `terraform test` found in one environment: failures by run, and what each run planned."""

    failures: list[str] = field(default_factory=list)
    passed: int = 0
    plans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Outcome":
        """From the lines of JSON."""
        failures: list[str] = []
        passed = 0
        plans: dict[str, Any] = {}
        for line in lines:
            said = json.loads(line)
            if said["type"] == "diagnostic" and said["@level"] == "error":
                what = said["diagnostic"]
                failures.append(f"{said.get('@testrun', '')}: {what['summary']}: {what['detail']}")
            elif said["type"] == "test_plan":
                plans[said["@testrun"]] = said["test_plan"]
            elif said["type"] == "test_summary":
                passed += said["test_summary"]["passed"]
        return cls(failures, passed, plans)

    @property
    def plan(self) -> Mapping[str, Any]:
        """What the run "planned" planned, of all resources of an environment."""
        return self.plans.get("planned", {})

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Address → planned values."""
        return {each["address"]: each["change"]["after"] for each in self.plan["resource_changes"]}

    def of_function(self, name: str, resource: str) -> dict[str, Any]:
        """A resource of a function's own."""
        (found,) = (
            values
            for address, values in self.resources.items()
            if re.fullmatch(rf"module\.\w+\[\"{name}\"\]\.{re.escape(resource)}", address)
        )
        return found

    def function(self, name: str) -> dict[str, Any]:
        """The service configuration of a function."""
        resource = self.of_function(name, "google_cloudfunctions2_function.this")
        config: dict[str, Any] = resource["service_config"][0]
        return config

    def variables(self, name: str) -> dict[str, str]:
        """The environment of a function. Secrets are named, and their values are empty."""
        config = self.function(name)
        secrets: dict[str, str] = {each["key"]: "" for each in config["secret_environment_variables"]}
        return {**secrets, **config["environment_variables"]}

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


def planned(source: Path, folder: Path, environment: str) -> Outcome:
    """What a configuration plans for an environment, on a copy of it in `folder`.

    Raises TerraformMissing where there is no Terraform or no providers, DeployError where the plan fails.
    """
    if shutil.which(program()) is None:
        raise TerraformMissing(f"{program()} is not installed.")
    cli = Cli.copied(source, folder)
    if refusal := cli.init():
        reasons = [line.strip("│ ") for line in refusal.splitlines() if "Error: " in line]
        raise TerraformMissing(f"Terraform has no providers: {'; '.join(dict.fromkeys(reasons)) or refusal}")
    try:
        outcome = Outcome.read(cli.test(environment, [PLANNED], "-verbose").splitlines())
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise DeployError(f"Terraform's plan cannot be read: {error}") from error
    if outcome.failures or not outcome.plan:
        raise DeployError(f"Terraform's plan fails: {'; '.join(outcome.failures) or 'it is empty'}")
    return outcome
