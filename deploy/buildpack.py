"""Serves a package as Google's buildpack and Cloud Run do: unpacked, with nothing but what it locks."""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import DeployError
from devstack.locks import locked
from devstack.processes import Child

REQUIREMENTS = "requirements.txt"

_UV = Path(sys.executable).parent / "uv"
_READY = ".ready"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A function's sources, and the virtual environment with what they lock."""

    function: str
    source: Path
    environment: Path

    def start(
        self, name: str, port: int, variables: Mapping[str, str], log: Path, *, append: bool = False
    ) -> Child:
        """Serve it on `port` of 127.0.0.1, as the revision `name`; it may not answer yet."""
        return Child(
            f"The package {name}",
            [str(self.environment / "bin" / "functions-framework")],
            log,
            {
                **variables,
                "FUNCTION_TARGET": self.function,
                "HOST": "127.0.0.1",
                "K_CONFIGURATION": f"crm-{self.function}",
                "K_REVISION": name,
                "K_SERVICE": f"crm-{self.function}",
                "LOG_EXECUTION_ID": "true",
                "PORT": str(port),
                "PYTHONPATH": "",
                "PYTHONUNBUFFERED": "1",
                "VIRTUAL_ENV": "",
            },
            folder=self.source,
            append=append,
        )


def unpack(function: str, package: Path, source: Path, environments: Path) -> Unpacked:
    """Unpack a package into `source`, and install what it locks into an environment below `environments`: one
    for all packages that lock the very same. Raises DeployError where that fails."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(source)
    requirements = source / REQUIREMENTS
    lock = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    environment = environments / lock
    with locked(environments / f"{lock}.lock"):
        if not (environment / _READY).exists():
            _install(requirements, environment)
            (environment / _READY).touch()
    return Unpacked(function, source, environment)


def _install(requirements: Path, environment: Path) -> None:
    """Make a virtual environment that holds what a file locks, and no more. Raises DeployError."""
    _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(environment))
    python = ("--python", str(environment))
    _uv("pip", "install", "--quiet", "--require-hashes", *python, "--requirement", str(requirements))


def _uv(*arguments: str) -> None:
    done = subprocess.run([_UV, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DeployError(f"`uv {arguments[0]}` failed: {done.stderr.strip()}")
