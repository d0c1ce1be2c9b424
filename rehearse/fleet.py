"""Instances of two releases, each from its package; the front says which of them are called."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from crm.entry.health import LIVE
from deploy.buildpack import Unpacked
from devstack.errors import StackError
from devstack.functions import Start
from devstack.processes import Child, free_port, stop_all
from rehearse.front import Backend, Front

_START_SECONDS = 90.0


@dataclass(slots=True)
class Instance:
    """A function of one version, running."""

    backend: Backend
    start: Start
    child: Child

    async def ready(self) -> None:
        """Return once it answers. Raises StackError where it does not."""
        await asyncio.to_thread(self.child.wait_until_answers, f"{self.backend.url}{LIVE}", _START_SECONDS)


@dataclass(slots=True)
class Fleet:
    """`packages` and `variables` are by version and function. Starts processes, so it is used in the main
    thread only, with which they end."""

    front: Front
    packages: Mapping[str, Mapping[str, Unpacked]]
    variables: Mapping[str, Mapping[str, Mapping[str, str]]]
    logs: Path
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    _killed: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def running(self) -> Iterator[None]:
        """One instance of each function and version; they may not answer yet. All end with the block."""
        try:
            for version, functions in self.packages.items():
                for function in functions:
                    self._start(function, version)
            yield
        finally:
            stop_all(instance.child for instance in self.instances.values())

    async def ready(self) -> None:
        """Return once all answer. Raises StackError for one that does not."""
        for instance in self.instances.values():
            await instance.ready()

    def serve(self, function: str, *versions: str) -> None:
        """Have the instances of these versions called, in turn; without any, none."""
        self.front.serve(function, [self.instances[function, version].backend for version in versions])

    def kill(self, function: str, version: str) -> None:
        """End an instance by SIGKILL, whatever it is doing; `revive` starts it again."""
        self._killed.add((function, version))
        self.instances[function, version].child.kill()

    def revive(self) -> None:
        """Start those again that `kill` ended. Raises StackError, with the end of its log, for one that ended
        otherwise, such as in its start."""
        dead = {key: instance for key, instance in self.instances.items() if instance.child.ended()}
        for key, instance in dead.items():
            if key not in self._killed:
                raise StackError(instance.child.obituary("ended, though the rehearsal did not kill it"))
            self._killed.discard(key)
            instance.child = instance.start(append=True)

    def _start(self, function: str, version: str) -> None:
        port, name = free_port(), f"crm-{function}-{version}"
        package, variables = self.packages[version][function], self.variables[version][function]
        start = partial(package.start, name, port, variables, self.logs / f"{name}.log")
        backend = Backend(version, f"http://127.0.0.1:{port}")
        self.instances[function, version] = Instance(backend, start, start(append=False))
