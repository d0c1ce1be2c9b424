"""The web app and what is copied from its packages: built only when their sources changed."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from devstack import node
from devstack.locks import locked
from devstack.paths import ROOT
from devstack.processes import Child

WEB = ROOT / "web"
DIST = WEB / "dist"

SWAGGER = ("swagger-ui-bundle.js", "swagger-ui.css")
STATIC = ROOT / "crm" / "entry" / "static"
_NOT_SOURCES = {"node_modules", "dist", "coverage"}


def packages(logs: Path) -> bool:
    """Install web/node_modules as package-lock.json says; whether there was anything to do.

    Raises StackError if npm fails, with the end of its output.
    """
    lock = WEB / "package-lock.json"
    with locked(ROOT / ".cache" / "build.lock"):
        done = _Once(WEB / "node_modules" / ".installed", _digest([lock]))
        if done.is_current():
            return False
        _npm("Installing the web app's packages", ["ci", "--no-audit", "--no-fund"], logs / "npm-ci.log")
        done.remember()
        return True


def web(logs: Path) -> bool:
    """Build web/dist and copy Swagger UI next to the functions; whether there was anything to do.

    Raises StackError where npm or the build fails, with its last words.
    """
    assets(logs)
    with locked(ROOT / ".cache" / "build.lock"):
        done = _Once(WEB / "node_modules" / ".built", _digest(_sources()))
        if done.is_current() and (DIST / "index.html").exists():
            return False
        _npm("Building the web app", ["run", "build"], logs / "web-build.log")
        done.remember()
        return True


def assets(logs: Path) -> None:
    """Copy Swagger UI next to the functions. Raises StackError if npm fails, with the end of its output."""
    packages(logs)
    with locked(ROOT / ".cache" / "build.lock"):
        STATIC.mkdir(parents=True, exist_ok=True)
        for name in SWAGGER:
            shutil.copyfile(WEB / "node_modules" / "swagger-ui-dist" / name, STATIC / name)


def npm(arguments: list[str], logs: Path) -> int:
    """Run npm in web/, its packages installed, its output on ours; its exit code."""
    packages(logs)
    command = ["npm", *arguments]
    return subprocess.run(
        command, cwd=WEB, env={**os.environ, "PATH": node.search_path()}, check=False
    ).returncode


class _Once:
    """A note in `file` of what something was last made from."""

    def __init__(self, file: Path, digest: str) -> None:
        self._file = file
        self._digest = digest

    def is_current(self) -> bool:
        return self._file.exists() and self._file.read_text() == self._digest

    def remember(self) -> None:
        self._file.write_text(self._digest)


def _sources() -> Iterable[Path]:
    for folder, names, files in os.walk(WEB):
        names[:] = sorted(name for name in names if name not in _NOT_SOURCES)
        yield from (Path(folder, name) for name in sorted(files))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(WEB)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _npm(name: str, arguments: list[str], log: Path) -> None:
    Child(name, ["npm", *arguments], log, {"PATH": node.search_path(), "CI": "1"}, folder=WEB).finish()
