"""The Terraform CLI in infra/terraform, for one installation."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import DeployError
from deploy.packages import BUILD, VARIABLES
from deploy.packages import TERRAFORM as FOLDER

SECRET_VERSIONS = BUILD / "secrets.tfvars.json"
BILLING = BUILD / "billing.tfvars.json"
PLAN = BUILD / "terraform.plan"
OLDEST = (1, 9)

SECRETS = "google_secret_manager_secret.this"
PROTECTED = ("google_firestore_database.this", "google_storage_bucket.erasures")
"""What refuses to be deleted until `protected` is false."""


@dataclass(frozen=True, slots=True)
class Terraform:
    """`environment` is the file of variables of this installation, which may name it otherwise than "crm"."""

    project: str
    region: str
    environment: Path

    @property
    def name(self) -> str:
        """What the names of the installation's resources begin with."""
        return setting(self.environment, "name") or "crm"

    @property
    def state_bucket(self) -> str:
        """Where its state is kept."""
        return f"{self.project}-{self.name}-state"

    def init(self) -> None:
        """Get the providers and open the state. Raises DeployError."""
        backend = [f"-backend-config=bucket={self.state_bucket}", f"-backend-config=prefix={self.name}"]
        self._run("init", "-input=false", "-reconfigure", *backend)

    def make_secrets(self) -> list[str]:
        """Make the places of secrets that are missing, before anything reads them; the names of all.

        What is there stays as it is, also where it is no longer wanted: that is for the plan to show.
        """
        self._run(
            "plan", "-input=false", f"-target={SECRETS}", f"-out={PLAN}", *self._variables(), quiet=True
        )
        planned = json.loads(self._run("show", "-json", str(PLAN), quiet=True))
        missing = [
            f"-target={change['address']}"
            for change in planned.get("resource_changes", [])
            if change["address"].startswith(f"{SECRETS}[") and change["change"]["actions"] == ["create"]
        ]
        if missing:
            self._run("apply", "-input=false", "-auto-approve", *missing, *self._variables())
        wanted = _resources(planned["planned_values"])
        return sorted(each["index"] for each in wanted if each["address"].startswith(f"{SECRETS}["))

    def plan(self) -> None:
        """Work out what is to be done, and show it."""
        self._run("plan", "-input=false", f"-out={PLAN}", *self._variables())

    def apply(self) -> None:
        """Do what was planned."""
        self._run("apply", "-input=false", str(PLAN))

    def destroy(self) -> None:
        """Take everything away, the database too."""
        unprotected = [*self._variables(), "-var=protected=false"]
        state = json.loads(self._run("show", "-json", quiet=True)).get("values", {})
        there = {each["address"] for each in _resources(state)}  # what is not would be created again
        if targets := [f"-target={address}" for address in PROTECTED if address in there]:
            self._run("apply", "-input=false", "-auto-approve", *targets, *unprotected)
        self._run("destroy", "-input=false", "-auto-approve", *unprotected)

    def outputs(self) -> dict[str, Any]:
        """The outputs of what was applied last."""
        outputs = json.loads(self._run("output", "-json", quiet=True))
        return {name: each["value"] for name, each in outputs.items()}

    def _variables(self) -> list[str]:
        files = [BILLING, self.environment, VARIABLES, SECRET_VERSIONS]  # a later one wins
        named = [f"-var=project={self.project}", f"-var=region={self.region}"]
        return [*named, *(f"-var-file={file}" for file in files if file.exists())]

    def _run(self, *arguments: str, quiet: bool = False) -> str:
        command = ["terraform", f"-chdir={FOLDER}", *arguments]
        done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE if quiet else None)
        if done.returncode != 0:
            raise DeployError(
                f"`terraform {arguments[0]}` failed; what it said stands above. Mend it, run this again.\n"
                "If it says that the state is locked although nobody else deploys, an earlier run has died: "
                "`terraform -chdir=infra/terraform force-unlock ID`, with the ID that it names."
            )
        return done.stdout or ""


def _resources(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Those outside of modules, of a state or of planned values."""
    found: list[dict[str, Any]] = values.get("root_module", {}).get("resources", [])
    return found


def setting(file: Path, name: str) -> str:
    """The text that a file of variables gives to `name`; empty where it gives none."""
    found = re.search(rf'^\s*{name}\s*=\s*"([^"]*)"', file.read_text(), re.MULTILINE)
    return found[1] if found else ""


def lacking() -> str | None:
    """What is wrong with the CLI on this machine, if anything."""
    if shutil.which("terraform") is None:
        return "Terraform is not installed: see https://developer.hashicorp.com/terraform/install."
    said = subprocess.run(
        ["terraform", "version", "-json"], check=False, capture_output=True, text=True
    ).stdout
    try:
        version = str(json.loads(said)["terraform_version"])
    except (ValueError, KeyError):  # before 0.13 it knew no JSON
        version = "without a readable version"
    if not version[:1].isdigit() or tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        return f"Terraform {version} is too old: {'.'.join(map(str, OLDEST))} or newer is needed."
    return None
