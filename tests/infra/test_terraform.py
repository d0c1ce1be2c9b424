"""The configuration is sound, and keeps its promises in every environment."""

import re
import shutil
import subprocess
from collections import Counter

import pytest

from deploy.offline_plan import Cli as Terraform
from deploy.offline_plan import Outcome
from tests.infra.breaks import BREAKS
from tests.infra.conftest import ENVIRONMENTS, SOURCE


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
def test_the_assertions_of_terraform_pass(environment: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[environment]

    assert outcome.failures == []
    files = [SOURCE / "tests" / "promises.tftest.hcl"]
    if environment == ENVIRONMENTS[0]:
        files = [*(SOURCE / "tests").glob("*.tftest.hcl")]
    assert outcome.passed == sum(file.read_text().count('\nrun "') for file in files)


def test_plain_terraform_test_needs_no_arguments() -> None:
    """Whatever has no default is set in each file of tests, so that `-var` and `-var-file` are not needed."""
    needed = re.findall(
        r'^variable "(\w+)" \{\n(?:(?!^\}).)*?^\}',
        re.sub(r"(?ms)^variable \"\w+\" \{\n(?:(?!^\}).)*?^  default .*?^\}\n", "", _variables()),
        re.DOTALL | re.MULTILINE,
    )

    assert {"project", "region", "oauth_client_id", "packages"} == set(needed)
    for file in (SOURCE / "tests").glob("*.tftest.hcl"):
        text = file.read_text()
        if "./modules/function" not in text:
            given = text.partition("\nvariables {\n")[2].partition("\n}\n")[0]
            assert [name for name in needed if not re.search(rf"^  {name} +=", given, re.MULTILINE)] == []


def _variables() -> str:
    return (SOURCE / "variables.tf").read_text()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_is_planned_with_all_of_its_variables(environment: str) -> None:
    file = (SOURCE / "environments" / f"{environment}.tfvars").read_text()
    runs = (SOURCE / "tests" / "environments.tftest.hcl").read_text()
    run = runs.partition(f'run "{environment}" {{')[2].partition("\n}\n")[0]

    given = set(re.findall(r"^(\w+) +=", file, re.MULTILINE)) - {"oauth_client_id"}
    assert given == set(re.findall(rf"= run\.files\.of\.{environment}\.(\w+)$", run, re.MULTILINE))


def test_every_rule_of_a_variable_is_broken_by_a_run() -> None:
    for variables, tests in (("variables.tf", "refusals"), ("modules/function/variables.tf", "sizes")):
        blocks = re.split(r'^variable "', (SOURCE / variables).read_text(), flags=re.MULTILINE)[1:]
        rules = {each.partition('"')[0]: each.count("\n  validation {") for each in blocks}
        text = (SOURCE / "tests" / f"{tests}.tftest.hcl").read_text()
        lists = re.findall(r"expect_failures = \[(.*?)\]", text, re.DOTALL)
        broken = Counter(name for found in lists for name in re.findall(r"var\.(\w+)", found))

        assert sum(rules.values()) > 5
        assert [name for name, count in rules.items() if broken[name] < count] == []


def test_every_variable_and_output_is_described(terraform: Terraform) -> None:
    for file in terraform.folder.rglob("*.tf"):
        text = file.read_text()
        blocks = (
            text.count('\nvariable "')
            + text.count('\noutput "')
            + text.startswith(('variable "', 'output "'))
        )
        assert text.count("\n  description = ") >= blocks, file.name


def test_every_assertion_has_a_break_that_it_must_notice() -> None:
    asserted = {
        sentence
        for file in (SOURCE / "tests").glob("*.tftest.hcl")
        for sentence in re.findall(r'error_message = "(.*)"', file.read_text())
    }

    assert {each.noticed for each in BREAKS} == asserted
    for each in BREAKS:
        assert (SOURCE / each.file).read_text().count(each.old) == 1, each
