"""A plan that fails is told from a machine without Terraform."""

from pathlib import Path

import pytest

from deploy.errors import DeployError, TerraformMissing
from deploy.offline_plan import planned

FAILS = """#!/bin/sh
[ "$1" = test ] || exit 0
echo '{"type": "diagnostic", "@level": "error", "@testrun": "planned",
 "diagnostic": {"summary": "Assertion failed", "detail": "no backup"}}' | tr -d '\\n'
"""
PRINTS_NO_JSON = """#!/bin/sh
echo "Crash!"
"""
HAS_NO_PROVIDERS = """#!/bin/sh
echo "no such registry" >&2
exit 1
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "terraform"
    made.mkdir()
    return made


def plan(monkeypatch: pytest.MonkeyPatch, source: Path, script: str) -> None:
    wrapper = source.with_name("tf")
    wrapper.write_text(script)
    wrapper.chmod(0o755)
    monkeypatch.setenv("CRM_TERRAFORM", str(wrapper))
    planned(source, source.with_name("copy"), "small")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (FAILS, "Terraform's plan fails: planned: Assertion failed: no backup"),
        (PRINTS_NO_JSON, "cannot be read"),
    ],
)
def test_a_plan_that_fails_is_no_missing_terraform(
    monkeypatch: pytest.MonkeyPatch, source: Path, script: str, said: str
) -> None:
    with pytest.raises(DeployError, match=said) as caught:
        plan(monkeypatch, source, script)
    assert not isinstance(caught.value, TerraformMissing)


def test_without_providers_nothing_can_be_planned(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    with pytest.raises(TerraformMissing, match="no such registry"):
        plan(monkeypatch, source, HAS_NO_PROVIDERS)


def test_a_wrapper_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    monkeypatch.setenv("CRM_TERRAFORM", "/nowhere/tf")
    with pytest.raises(TerraformMissing, match="/nowhere/tf is not installed"):
        planned(source, source.with_name("copy"), "small")
