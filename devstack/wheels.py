"""Tools that come as wheels (Java, Node) and are installed only where the machine lacks them."""

import importlib
import importlib.util
import subprocess
import sys

from devstack.paths import ROOT

INSTALL = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable]
INSTALL += ["--only-binary", ":all:", "--require-hashes", "--requirement"]
"""The command that takes a file of locked requirements."""


class InstallError(RuntimeError):
    """The wheel could not be installed; the message is the installer's last line."""


def require(package: str, lock: str) -> None:
    """Make `package` importable: immediately if it is installed, else from the hash-locked `locks/<lock>`."""
    if importlib.util.find_spec(package):
        return
    requirements = str(ROOT / "locks" / lock)
    done = subprocess.run([*INSTALL, requirements], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise InstallError(lines[-1] if lines else "the installer failed")
    importlib.invalidate_caches()
