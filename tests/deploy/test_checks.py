"""Everything that is lacking is reported together, before anything is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import checks, run, terraform
from deploy.errors import DeployError
from devstack.console import Steps
from tests.deploy.google_stub import GoogleStub
from tests.support import ROOT


@pytest.mark.parametrize("command", ["deploy", "destroy", "smoke"])
def test_without_anything_each_command_says_what_it_lacks(command: str, tmp_path: Path) -> None:
    bare = {"PATH": str(tmp_path), "HOME": str(tmp_path), "NO_GCE_CHECK": "true", "COLUMNS": "300"}
    call = [sys.executable, "-m", "deploy", command, "--project", "my-project"]
    done = subprocess.run(call, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    for lack in (
        "REGION=",
        "Terraform is not installed",
        "my-project.tfvars is missing",
        "no Google credentials",
    ):
        assert lack in done.stdout, done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A file of variables with defaults alone."""
    file = tmp_path / "my-project.tfvars"
    file.write_text("")
    return file


def test_without_billing_only_that_is_said_and_nothing_paid_is_enabled(
    stub: GoogleStub, environment: Path
) -> None:
    stub.billing = False

    assert list(checks._in_the_project(stub.google(), "europe-west1", environment)) == [
        "The project my-project has no billing account. Link one in the console: Billing."
    ]


def test_a_region_that_is_none_is_said_with_those_that_are(stub: GoogleStub, environment: Path) -> None:
    lacks = list(checks._in_the_project(stub.google(), "europe-west99", environment))

    assert len(lacks) == len(checks.REGIONAL) + 1
    assert lacks[0].endswith("It has in: europe-west1, us-central1.")
    assert list(checks._in_the_project(stub.google(), "us-central1", environment)) == []


@pytest.mark.parametrize("service", [*checks.REGIONAL, "firestore"])
def test_a_region_without_one_of_the_services_is_refused(
    service: str, stub: GoogleStub, environment: Path
) -> None:
    stub.regions[service].remove("europe-west1")

    (lack,) = checks._in_the_project(stub.google(), "europe-west1", environment)
    assert "in the region europe-west1" in lack or "database in europe-west1" in lack


def test_a_database_of_many_regions_is_looked_for_by_its_own_name(
    stub: GoogleStub, environment: Path
) -> None:
    environment.write_text('firestore_location = "eur3"')
    (lack,) = checks._in_the_project(stub.google(), "europe-west1", environment)
    assert lack.startswith("Google has no database in eur3.")
    stub.regions["firestore"].append("eur3")

    assert list(checks._in_the_project(stub.google(), "europe-west1", environment)) == []


def test_every_service_that_terraform_makes_something_of_has_a_right_that_is_checked() -> None:
    """By the first word of the right. What may not be made would end a deployment half-way."""
    assert {right.partition(".")[0] for right in checks.RIGHTS} >= {
        "artifactregistry",
        "cloudfunctions",
        "cloudscheduler",
        "datastore",
        "firebase",
        "firebaserules",
        "iam",
        "logging",
        "monitoring",
        "pubsub",
        "run",
        "secretmanager",
        "storage",
    }
    assert "iam.serviceAccounts.actAs" in checks.RIGHTS


def test_every_right_that_is_lacking_is_named(stub: GoogleStub) -> None:
    checks.require_rights(stub.google())
    stub.rights = set(checks.RIGHTS) - {"storage.buckets.create", "run.services.setIamPolicy"}

    with pytest.raises(
        DeployError, match=r"run\.services\.setIamPolicy, storage\.buckets\.create\. The role"
    ):
        checks.require_rights(stub.google())


@pytest.mark.parametrize(
    ("said", "reported"),
    [
        ('{"terraform_version": "1.8.5"}', "1.8.5 is too old"),
        ("Terraform v0.12.31", "too old"),
        ('{"terraform_version": "1.10.0-beta1"}', None),
    ],
)
def test_an_old_terraform_is_reported(
    said: str, reported: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "terraform"
    command.write_text(f"#!/bin/sh\necho '{said}'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    found = terraform.lacking()
    assert found is None if reported is None else reported in (found or "")


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ('oauth_client_id = "replace-me.apps.googleusercontent.com"', False),
        ('# oauth_client_id = "1.apps.googleusercontent.com"', False),
        ('  oauth_client_id="1.apps.googleusercontent.com"', True),
    ],
)
def test_an_example_is_not_taken_for_a_client(text: str, client: bool, tmp_path: Path) -> None:
    file = tmp_path / "my-project.tfvars"
    file.write_text(text)

    assert checks._has_client(file) is client
    assert terraform.Terraform("my-project", "europe-west1", file).state_bucket == "my-project-crm-state"


@pytest.mark.parametrize(("zone", "lacks"), [("Europe/Berlin", []), ("Europe/Berln", ["Europe/Berln"])])
def test_an_unknown_time_zone_is_reported_before_functions_fail(
    zone: str, lacks: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "my-project.tfvars"
    file.write_text(f'oauth_client_id = "1.apps.googleusercontent.com"\ntime_zone = "{zone}"\n')

    found = list(checks._in_the_file(file))
    assert len(found) == len(lacks)
    assert all(lack in reported for lack, reported in zip(lacks, found, strict=True))


def test_nothing_is_deleted_unless_both_answers_are_right(
    stub: GoogleStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "my-project.tfvars"
    environment.write_text('name = "shop"')
    monkeypatch.setattr(checks, "require_all", lambda *_: (stub.google(), environment))
    target = run.Target("my-project", "europe-west1")
    stub.buckets["my-project-shop-state"] = {"location": "EUROPE-WEST1"}
    monkeypatch.setenv("PATH", os.devnull)  # no Terraform to be found, whatever happens
    for given in (["other"], ["my-project", "yes"], [""]):
        left = iter(given)
        with pytest.raises(DeployError, match="Nothing was deleted"):
            run.destroy(Steps(), target, lambda _, left=left: next(left))  # type: ignore[misc]
    assert {call.partition(" ")[0] for call in stub.calls} == {"GET"}


def test_without_a_terminal_nothing_is_confirmed() -> None:
    asking = "from deploy.run import asked; print([asked('Delete? ')])"
    done = subprocess.run(
        [sys.executable, "-c", asking],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "Delete? ['']\n"
