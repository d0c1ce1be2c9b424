"""Which version a checkout is, and how labels hold it."""

import subprocess
from pathlib import Path

import pytest

from deploy import version

WHO = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """One commit with the tag v1.0.0."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "--quiet", "--message=one")
    git(tmp_path, "tag", "v1.0.0")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *WHO, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_tagged_commit_is_called_by_its_tag(checkout: Path) -> None:
    assert version.of_checkout(checkout) == version.Version("v1.0.0", git(checkout, "rev-parse", "HEAD"))


def test_what_came_after_a_tag_and_what_is_not_committed_is_said(checkout: Path) -> None:
    (checkout / "file").write_text("two")
    assert version.of_checkout(checkout).name == "v1.0.0-dirty"

    git(checkout, "commit", "--quiet", "--all", "--message=two")
    commit = git(checkout, "rev-parse", "HEAD")
    assert version.of_checkout(checkout) == version.Version(f"v1.0.0-1-g{commit[:12]}", commit)


def test_without_a_tag_it_is_the_commit(checkout: Path) -> None:
    git(checkout, "tag", "--delete", "v1.0.0")

    found = version.of_checkout(checkout)
    assert found.name == found.commit[:12]


def test_what_is_no_checkout_has_no_version(tmp_path: Path) -> None:
    assert version.of_checkout(tmp_path) == version.Version("unknown", "unknown")


def test_a_label_has_only_what_google_takes() -> None:
    # As infra/terraform/tests/promises.tftest.hcl has it.
    assert version.label("v1.2.0-3-g0123456789ab-dirty") == "v1-2-0-3-g0123456789ab-dirty"
    assert version.label("Release/1.0") == "release-1-0"
    assert len(version.label("v" * 100)) == 63
