"""A function's package: a zip of what it runs with, whose bytes follow from the sources alone.

It has main.py and the files next to it, `crm` without the command line, and requirements.txt with hashes.
Nothing is compressed: then the bytes do not depend on a compression library's version either.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crm.topology import FUNCTIONS
from devstack.paths import ROOT

BUILD = ROOT / "build"
FOLDER = BUILD / "functions"
VARIABLES = BUILD / "packages.tfvars.json"
"""Lists the packages for Terraform."""

LEFT_OUT = ("crm/cli/",)
"""What no function runs: the command line needs packages that they are not shipped with."""

KINDS = frozenset({".css", ".js", ".py", ".txt"})
"""What sources are. Whatever else a work tree may hold, such as an editor's copies, changes no package."""

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
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, file in sorted(_contents(root, function)):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = _PLAIN_FILE
            entry.create_system = _UNIX
            archive.writestr(entry, file.read_bytes())
    return Package(target, hashlib.sha256(target.read_bytes()).hexdigest())


def tell_terraform(packages: Mapping[str, Package], file: Path) -> None:
    """Write the variable `packages` of infra/terraform."""
    packed = {
        name: {"path": str(package.path), "sha256": package.sha256} for name, package in packages.items()
    }
    file.write_text(json.dumps({"packages": packed}, indent=2) + "\n")


def _contents(root: Path, function: str) -> Iterator[tuple[str, Path]]:
    """Name within the zip → file."""
    for base in (root / "functions" / function, root):
        for file in (base if base != root else root / "crm").rglob("*"):
            name = file.relative_to(base).as_posix()
            is_hidden = any(part.startswith((".", "__pycache__")) for part in Path(name).parts)
            if file.is_file() and file.suffix in KINDS and not is_hidden and not name.startswith(LEFT_OUT):
                yield name, file
