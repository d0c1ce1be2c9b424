"""Everything that is lacking is said at once, before anything is done."""

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


def test_nothing_is_deleted_unless_both_answers_are_right(
    stub: GoogleStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "my-project.tfvars"
    environment.write_text('name = "shop"')
    monkeypatch.setattr(checks, "require_all", lambda *_: (stub.google(), environment))
    target = run.Target("my-project", "europe-west1")
    monkeypatch.setenv("PATH", os.devnull)  # no Terraform to be found, whatever happens
    for given in (["other"], ["my-project", "yes"], [""]):
        left = iter(given)
        with pytest.raises(DeployError, match="Nothing was deleted"):
            run.destroy(Steps(), target, lambda _, left=left: next(left))  # type: ignore[misc]
    assert stub.calls == []
