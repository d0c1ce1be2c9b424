"""The configuration is sound, and keeps its promises in every environment."""

import shutil
import subprocess

import pytest

from tests.infra.conftest import ENVIRONMENTS, SOURCE, Outcome, Terraform


def test_it_is_formatted() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    command = ["terraform", "fmt", "-check", "-recursive", "-list=true", str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_it_is_valid(terraform: Terraform) -> None:
    done = terraform.run("validate", "-no-color")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_its_promises_hold(environment: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[environment]

    assert outcome.failures == []
    assert outcome.passed == (3 if environment == ENVIRONMENTS[0] else 1)


def test_every_variable_and_output_says_what_it_is(terraform: Terraform) -> None:
    for file in terraform.folder.rglob("*.tf"):
        text = file.read_text()
        blocks = (
            text.count('\nvariable "')
            + text.count('\noutput "')
            + text.startswith(('variable "', 'output "'))
        )
        assert text.count("\n  description = ") >= blocks, file.name
