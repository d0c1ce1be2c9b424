"""What GitHub, pre-commit and editors read: it parses, and the commands that it names exist."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([\w.-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_makes_what_there_is_with_rights_that_it_names(workflow: Path) -> None:
    described = yaml.safe_load(workflow.read_text())
    steps = [step for job in described["jobs"].values() for step in job.get("steps", ())]
    made = {name for step in steps for name in re.findall(r"^make ([\w-]+)", step.get("run", ""), re.M)}
    called = [job["uses"] for job in described["jobs"].values() if "uses" in job]

    assert "permissions" in described
    assert sorted(made - TARGETS) == []
    assert [path for path in called if not (ROOT / path).is_file()] == []
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
    assert made or called


def test_no_workflow_puts_what_others_write_into_a_command() -> None:
    commands = [
        step["run"]
        for workflow in WORKFLOWS
        for job in yaml.safe_load(workflow.read_text())["jobs"].values()
        for step in job.get("steps", ())
        if "run" in step
    ]
    assert commands
    assert [command for command in commands if "${{" in command] == []


def test_hooks_run_the_tools_of_the_lock_file() -> None:
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/"), hook["id"]


def test_dependabot_looks_where_dependencies_are() -> None:
    for update in read(".github/dependabot.yml")["updates"]:
        for folder in update.get("directories", [update.get("directory")]):
            assert (ROOT / folder.lstrip("/")).is_dir(), folder


def test_templates_of_issues_parse() -> None:
    forms = [
        path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"
    ]
    assert forms
    for form in forms:
        assert {"name", "description", "body"} <= read(str(form)).keys()


def test_the_changelog_s_last_version_is_the_project_s() -> None:
    versions = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert versions[:2] == ["Unreleased", project["version"]]


def test_the_licence_is_the_one_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (ROOT / "LICENSE").read_text().startswith(f"{project['license']} License\n")
