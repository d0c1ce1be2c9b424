"""Each function's `requirements.txt`: what it imports and what that needs, as the lock file pins it."""

import re
import subprocess
from pathlib import Path

from crm.topology import FUNCTIONS
from devstack.imports import distributions_of

LOCK = "requirements.lock"

SERVING = ("httptools", "uvloop ; sys_platform != 'win32'")
"""What nobody imports and the functions' server is much faster with: its HTTP parser and its event loop."""

_PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)


def write(root: Path, uv: Path) -> None:
    """Resolve every function's `requirements.txt` again. Needs the package registry."""
    for function in FUNCTIONS:
        names = "\n".join(sorted({*distributions_of(root, function), *SERVING}))
        target = root / "functions" / function / "requirements.txt"
        command: list[str | Path] = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--no-annotate", "--python-version", "3.11", "--constraint", root / LOCK]
        command += ["--custom-compile-command", "make lock", "--output-file", target, "-"]
        subprocess.run(command, input=names, text=True, check=True, stdout=subprocess.DEVNULL)


def pinned(file: Path) -> dict[str, str]:
    """The versions that a lock file pins, by distribution."""
    return {name: version for name, version, _ in _PINNED.findall(file.read_text())}
