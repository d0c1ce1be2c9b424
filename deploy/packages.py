"""A function's package: a zip of what it runs with, whose bytes follow from the sources alone.

It has main.py and the files next to it, what these import of `crm`, and requirements.txt with hashes; where
the function serves its documentation, Swagger UI too; and byte code (`deploy.bytecode`).
Nothing is compressed: then the bytes do not depend on a compression library's version either.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crm.topology import FUNCTIONS
from deploy.bytecode import compiled
from deploy.version import Version
from devstack.imports import closure, sources
from devstack.paths import ROOT

BUILD = ROOT / "build"
FOLDER = BUILD / "functions"
VARIABLES = BUILD / "packages.tfvars.json"
"""Lists the packages for Terraform."""

TERRAFORM = ROOT / "infra" / "terraform"
"""Where Terraform runs."""

FILES_OF = {"crm/entry/docs.py": ("crm/entry/static/swagger-ui-bundle.js", "crm/entry/static/swagger-ui.css")}
"""Module → what it serves from next to it."""

KINDS = frozenset({".py", ".txt"})
"""What a function's own sources are. Whatever else a work tree may hold, such as an editor's copies, changes
no package."""

_MOMENT = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A zip and the SHA-256 of its bytes."""

    path: Path
    sha256: str


def write_all(root: Path, folder: Path) -> Mapping[str, Package]:
    """Make the package of every function, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    return {function: write(root, function, folder / f"{function}.zip") for function in FUNCTIONS}


def write(root: Path, function: str, target: Path) -> Package:
    """Make one package. Needs crm/entry/static, which the build of the web app copies from its packages."""
    files = dict(_contents(root, function))
    contents = {name: file.read_bytes() for name, file in files.items()} | compiled(files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = _PLAIN_FILE
            entry.create_system = _UNIX
            archive.writestr(entry, content)
    return Package(target, hashlib.sha256(target.read_bytes()).hexdigest())


def tell_terraform(packages: Mapping[str, Package], version: Version, file: Path) -> None:
    """Write the variables `packages` and `release` of infra/terraform.

    Paths start at that folder: absolute ones would differ on another machine, where Terraform would then
    replace every package and build every function again.
    """
    packed = {
        name: {"path": os.path.relpath(package.path, TERRAFORM), "sha256": package.sha256}
        for name, package in packages.items()
    }
    release = {"version": version.name, "commit": version.commit}
    file.write_text(json.dumps({"packages": packed, "release": release}, indent=2) + "\n")


def _contents(root: Path, function: str) -> Iterator[tuple[str, Path]]:
    """Name within the zip → file."""
    own = root / "functions" / function
    for file in sources(own, KINDS):
        yield file.relative_to(own).as_posix(), file
    for file in closure(root, function):
        if not file.is_relative_to(own):
            name = file.relative_to(root).as_posix()
            for each in (name, *FILES_OF.get(name, ())):
                yield each, root / each
