"""The stack that is proved: emulators and functions of its own, with the post between them."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.cloud.firestore import AsyncClient

from crm.topology import FUNCTIONS
from devstack import access, provision, scheduler, secrets, stack
from devstack.broker import Broker
from devstack.emulators import PROJECT, Emulators, start_pubsub
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.identity import Issuer
from devstack.processes import Child, free_port
from devstack.secrets import Secrets
from devstack.settings import Ports, environments
from prove import settings
from prove.faults import Faults

_START_SECONDS = 60.0

_NEEDED = [name for name in FUNCTIONS if name != "summarize"]
"""Summaries move no message."""


@dataclass(slots=True)
class Stage:
    """What runs. The functions' own addresses are `ports`; the broker and the scheduler know `post`."""

    folder: Path
    ports: Ports
    post: Ports
    secrets: Secrets
    token: str
    api_key: str
    emulators: Emulators
    pubsub: Child | None
    functions: Functions
    faults: Faults

    def watch(self) -> None:
        """Start what was killed again. Raises StackError for what cannot be, and for a dead emulator."""
        for emulator in (self.emulators.firestore, self.pubsub):
            if emulator is not None and emulator.ended():
                raise StackError(emulator.obituary("has died, and nobody meant it to"))
        self.functions.revive()

    async def replace_pubsub(self) -> None:
        """End the broker and put an empty one in its place: it knows topics and subscriptions, no message."""
        port = int(self.emulators.pubsub_host.rpartition(":")[2])
        self._end_pubsub()
        self.pubsub = started = start_pubsub(port, self.folder / "logs", append=True)
        await asyncio.to_thread(started.wait_until_answers, f"http://127.0.0.1:{port}/", _START_SECONDS)
        await asyncio.to_thread(_provide, self.emulators.pubsub_host, self.post, self.token)

    def _end_pubsub(self) -> None:
        if self.pubsub is not None:
            self.pubsub.kill()
        self.pubsub = None


@contextmanager
def staged(folder: Path, seed: int) -> Iterator[Stage]:
    """The stack, ready; ended on leaving. Raises StackError."""
    logs = folder / "logs"
    forget_variables()
    kept = secrets.kept_in(folder)
    ports = Ports(free_port(), {name: free_port() for name in FUNCTIONS})
    post = Ports(ports.gateway, dict.fromkeys(FUNCTIONS, free_port()))
    faults = Faults(folder / "faults")
    token = Issuer(ports.issuer, kept.signing_key).machine()
    knobs = settings.knobs(seed, f"{post.function('receipts')}/webhooks")
    variables = {
        name: {**wired, **knobs.get(name, {}), **faults.environment(name)}
        for name, wired in environments(ports, kept).items()
    }
    with ExitStack() as running:
        emulators = running.enter_context(Emulators.running(logs))
        os.environ.update(emulators.environment)
        _provide(emulators.pubsub_host, post, token)
        functions = Functions(ports, variables, kept, logs, _NEEDED)
        running.enter_context(functions.running())
        functions.wait_until_ready()
        api_key = asyncio.run(_admitted())
        running.enter_context(stack.described(folder, ports, emulators, kept, api_key))
        running.enter_context(scheduler.ticking(post, token, logs))
        made = Stage(
            folder, ports, post, kept, token, api_key, emulators, emulators.pubsub, functions, faults
        )
        running.callback(made._end_pubsub)
        yield made


def forget_variables() -> None:
    """A knob of the developer's own would change what is proved; where the emulators are is none."""
    for name in list(os.environ):
        if name.startswith("CRM_") and not name.endswith(("_JAR", "_MEMORY", "_DOWNLOADS")):
            del os.environ[name]


def _provide(pubsub_host: str, post: Ports, token: str) -> None:
    broker = Broker(pubsub_host, PROJECT)
    provision.topics(broker)
    provision.subscriptions(broker, post, token, settings.pushes())


async def _admitted() -> str:
    database = AsyncClient(project=PROJECT)
    await access.members(database)
    return await access.api_key(database, "")
