"""Every function in a functions-framework process of its own, and the gateway before them."""

import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crm.topology import FUNCTIONS
from devstack.errors import StackError
from devstack.paths import ROOT
from devstack.processes import Child, stop_all
from devstack.secrets import Secrets
from devstack.settings import Ports

_FRAMEWORK = Path(sysconfig.get_path("scripts")) / "functions-framework"
_START_SECONDS = 90


@contextmanager
def running(
    ports: Ports, variables: Mapping[str, Mapping[str, str]], secrets: Secrets, logs: Path
) -> Iterator[dict[str, Child]]:
    """Start all at once; end them on leaving, letting calls in flight finish. Name of each → its process.

    They may not answer yet, see `wait_until_ready`. Raises StackError where one has no source.
    """
    children: dict[str, Child] = {}
    try:
        children["gateway"] = _gateway(ports, secrets, logs)
        for name in FUNCTIONS:
            children[name] = _function(name, ports.functions[name], variables[name], logs)
        yield children
    finally:
        stop_all(children.values())


def wait_until_ready(children: Mapping[str, Child], ports: Ports) -> None:
    """Return once each answers its health check. Raises StackError for one that does not."""
    for name, child in children.items():
        port = ports.functions.get(name, ports.gateway)
        child.wait_until_answers(f"http://127.0.0.1:{port}/healthz", _START_SECONDS)


def _function(name: str, port: int, variables: Mapping[str, str], logs: Path) -> Child:
    source = ROOT / "functions" / name / "main.py"
    if not source.exists():
        raise StackError(f"{source} is missing. Restore it, for example with `git checkout functions`.")
    command = [
        str(_FRAMEWORK),
        f"--source={source}",
        f"--target={name}",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    return Child(f"The function {name}", command, logs / f"{name}.log", {**variables, **_UNBUFFERED})


def _gateway(ports: Ports, secrets: Secrets, logs: Path) -> Child:
    urls = json.dumps({name: ports.function(name) for name in ports.functions})
    command = [sys.executable, "-m", "devstack.gateway", f"--port={ports.gateway}", f"--functions={urls}"]
    environment = {"CRM_SIGNING_KEY": secrets.signing_key, **_UNBUFFERED}
    return Child("The gateway", command, logs / "gateway.log", environment)


_UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
"""So that the last words of a process are in its log."""
