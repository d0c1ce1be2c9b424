"""Without Terraform the local stack's variables are used; a plan that fails fails the rehearsal."""

from pathlib import Path

import pytest

from deploy.errors import DeployError, TerraformMissing
from devstack.console import Steps
from rehearse import run
from rehearse.releases import Release
from rehearse.table import Report

BOTH = (Release("v1", {}, Path("one")), Release("v2", {}, Path("two")))


def fail_with(monkeypatch: pytest.MonkeyPatch, error: DeployError) -> None:
    def planned(source: Path, folder: Path, environment: str) -> None:
        raise error

    monkeypatch.setattr("rehearse.run.planned", planned)


def test_without_terraform_the_variables_are_those_of_the_stack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fail_with(monkeypatch, TerraformMissing("terraform is not installed."))
    report = Report(Steps())

    assert run._plans(report, tmp_path, BOTH) == {}
    assert report.holds
    assert "terraform is not installed" in report.lines[0].figure


def test_a_plan_that_fails_fails_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fail_with(monkeypatch, DeployError("Terraform's plan fails: no backup"))
    report = Report(Steps())

    with pytest.raises(DeployError):
        run._plans(report, tmp_path, BOTH)
    assert report.lines[0].wrong == "Terraform's plan fails: no backup"
