"""The packages of this checkout and of an earlier commit, each made by the code of its own commit."""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy import packages
from deploy.errors import DeployError
from deploy.packages import TERRAFORM
from deploy.version import of_checkout
from devstack import build
from devstack.locks import locked
from devstack.paths import ROOT

CACHE: Final = ROOT / ".cache" / "releases"

PACKAGING: Final = """
import json, sys
from pathlib import Path
from deploy import packages
assert packages.ROOT == Path(sys.argv[1])
written = packages.write_all(packages.ROOT, Path(sys.argv[2]))
print(json.dumps({name: package.sha256 for name, package in written.items()}))
"""
"""Makes the packages of the tree that it is started in; prints the SHA-256 of each."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version, the package of each of its functions, and its Terraform configuration."""

    version: str
    packages: Mapping[str, Path]
    terraform: Path


def of_this_checkout(folder: Path) -> Release:
    """This checkout as it is now, its packages made in `folder` as `make package` makes them."""
    build.assets(folder)
    written = packages.write_all(ROOT, folder)
    return Release(of_checkout(ROOT).name, {name: each.path for name, each in written.items()}, TERRAFORM)


def of_commit(revision: str) -> Release:
    """An earlier commit, made once. Raises DeployError where this clone does not have it."""
    commit = resolved(revision)
    target = CACHE / commit
    with locked(CACHE / f"{commit}.lock"):
        if not target.exists():
            _make(commit, target)
    found = {file.stem: file for file in sorted(target.glob("*.zip"))}
    return Release(_git("describe", "--tags", "--always", "--abbrev=12", commit), found, target / "terraform")


def resolved(revision: str) -> str:
    """The commit that a revision names. Raises DeployError where this clone does not have it."""
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except DeployError as error:
        raise DeployError(
            f"This clone does not have the commit {revision}. A shallow clone lacks older ones: "
            "`git fetch --unshallow --tags` gets them."
        ) from error


def newest_tag() -> str:
    """The last release before this commit. Raises DeployError where there is none."""
    try:
        return _git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^")
    except DeployError as error:
        raise DeployError(
            "No tag v… leads to this commit. Name the release to upgrade from: FROM=<tag or commit>."
        ) from error


def _make(commit: str, target: Path) -> None:
    """Make a release in `target`, which appears only once it is whole."""
    build.assets(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        tree, release = Path(folder).resolve() / "tree", Path(folder) / "release"
        with tarfile.open(fileobj=io.BytesIO(_archive(commit))) as archive:
            archive.extractall(tree, filter="data")
        # Swagger UI is not in git. Installing another release's copy would take minutes.
        shutil.copytree(build.STATIC, tree / build.STATIC.relative_to(ROOT))
        command = [sys.executable, "-c", PACKAGING, str(tree), str(release)]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DeployError(f"The packages of {commit} could not be made: {done.stderr.strip()[-2000:]}")
        shutil.copytree(tree / TERRAFORM.relative_to(ROOT), release / "terraform")
        release.rename(target)


def _archive(commit: str) -> bytes:
    done = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", commit], capture_output=True, check=False
    )
    if done.returncode != 0:
        raise DeployError(f"git could not export {commit}: {done.stderr.decode().strip()}")
    return done.stdout


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DeployError(f"`git {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout.strip()
