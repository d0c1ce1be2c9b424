"""Every function in a functions-framework process of its own, and the gateway before them."""

import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from crm.entry import health
from crm.topology import FUNCTIONS
from devstack.errors import StackError
from devstack.paths import ROOT
from devstack.processes import Child, answers, stop_all
from devstack.secrets import Secrets
from devstack.settings import Ports

FRAMEWORK = (str(Path(sysconfig.get_path("scripts")) / "functions-framework"),)
"""The program that serves a function."""

_START_SECONDS = 90

_YOUNG = 10.0
"""A process that ends within these seconds of its start has not started."""

_PATIENCE = 3
"""How often in a row one may not come up."""


class Start(Protocol):
    """Starts one process; with `append` its log goes on."""

    def __call__(self, *, append: bool) -> Child: ...


class Functions:
    """The gateway and the functions by name, each with its process. A process that dies is restarted."""

    def __init__(
        self,
        ports: Ports,
        variables: Mapping[str, Mapping[str, str]],
        secrets: Secrets,
        logs: Path,
        names: Sequence[str] = FUNCTIONS,
        program: Sequence[str] = FRAMEWORK,
    ) -> None:
        """Nothing runs yet. `variables` is the environment of each function; `program` serves it."""
        self._ports = ports
        self._starts: dict[str, Start] = {"gateway": partial(_gateway, ports, secrets, logs)}
        for name in names:
            port, environment = ports.functions[name], variables[name]
            self._starts[name] = partial(_function, name, program, port, environment, logs)
        self._failures = dict.fromkeys(self._starts, 0)
        self.children: dict[str, Child] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start all concurrently; end them on leaving, letting calls in flight finish.

        They may not answer yet, see `wait_until_ready`. Raises StackError where one has no source.
        """
        try:
            for name, start in self._starts.items():
                self.children[name] = start(append=False)
            yield
        finally:
            stop_all(self.children.values())

    def wait_until_ready(self) -> None:
        """Return once each answers its health check. Raises StackError for one that does not."""
        for name, child in self.children.items():
            child.wait_until_answers(self.health(name), _START_SECONDS)

    def health(self, name: str) -> str:
        """Where a function, or the gateway, says that it is well."""
        return f"http://127.0.0.1:{self._ports.functions.get(name, self._ports.gateway)}{health.LIVE}"

    def deaf(self) -> list[str]:
        """The names of those that do not answer their health check now."""
        return [name for name in self.children if not answers(self.health(name))]

    def kill(self) -> None:
        """End every function at once, and with it what it holds in memory; `revive` starts them again."""
        for name, child in self.children.items():
            if name in self._ports.functions:
                child.kill()

    def revive(self) -> list[str]:
        """Start whatever has died again, on its port, as the platform does; the names. Call it now and then,
        from the main thread. Raises StackError for one that does not start, however often it is started.
        """
        dead = [name for name, child in self.children.items() if child.ended()]
        for name in dead:
            child = self.children[name]
            came_up = child.was_killed or child.age > _YOUNG
            self._failures[name] = 0 if came_up else self._failures[name] + 1
            if self._failures[name] == _PATIENCE:
                raise StackError(child.obituary("keeps ending while it starts, so everything was stopped"))
            child.kill()  # what it started, and is left without it
            self.children[name] = self._starts[name](append=True)
        return dead


def _function(
    name: str,
    program: Sequence[str],
    port: int,
    variables: Mapping[str, str],
    logs: Path,
    *,
    append: bool,
) -> Child:
    source = ROOT / "functions" / name / "main.py"
    if not source.exists():
        raise StackError(f"{source} is missing. Restore it, for example with `git checkout functions`.")
    command = [
        *program,
        f"--source={source}",
        f"--target={name}",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    environment = {**variables, **_UNBUFFERED}
    return Child(f"The function {name}", command, logs / f"{name}.log", environment, append=append)


def _gateway(ports: Ports, secrets: Secrets, logs: Path, *, append: bool) -> Child:
    urls = json.dumps({name: ports.function(name) for name in ports.functions})
    command = [sys.executable, "-m", "devstack.gateway", f"--port={ports.gateway}", f"--functions={urls}"]
    environment = {"CRM_SIGNING_KEY": secrets.signing_key, **_UNBUFFERED}
    return Child("The gateway", command, logs / "gateway.log", environment, append=append)


_UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
"""So that the last words of a process are in its log."""
