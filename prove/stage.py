"""The stack under test: emulators and functions of its own, with the proxy between them."""

import asyncio
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm.customers.customer_key import use_secret
from crm.topology import FUNCTIONS
from devstack import access, provision, scheduler, secrets, stack
from devstack.broker import Broker
from devstack.emulators import PROJECT, Emulators, start_pubsub
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.identity import Issuer
from devstack.processes import Child, free_port
from devstack.secrets import Secrets
from devstack.settings import Ports, environments, ledger_of
from prove import settings
from prove.faults import Faults

_START_SECONDS = 60.0

_NEEDED = [name for name in FUNCTIONS if name != "summarize"]
"""`summarize` takes no part in delivery."""


@dataclass(slots=True)
class Stage:
    """What runs. `ports` are the functions' own; the broker and the scheduler use `proxy`."""

    folder: Path
    ports: Ports
    proxy: Ports
    secrets: Secrets
    token: str
    api_key: str
    emulators: Emulators
    pubsub: Child | None
    functions: Functions
    faults: Faults

    def watch(self) -> None:
        """Restart functions that were killed. Raises StackError if one cannot be, and for a dead emulator."""
        for emulator in (self.emulators.firestore, self.pubsub):
            if emulator is not None and emulator.ended():
                raise StackError(emulator.obituary("died, though nothing killed it"))
        self.functions.revive()

    async def replace_pubsub(self) -> None:
        """Replace the broker by one that has the topics and subscriptions, and no message."""
        port = int(self.emulators.pubsub_host.rpartition(":")[2])
        self._end_pubsub()
        self.pubsub = started = start_pubsub(port, self.folder / "logs", append=True)
        await asyncio.to_thread(started.wait_until_answers, f"http://127.0.0.1:{port}/", _START_SECONDS)
        await asyncio.to_thread(_provide, self.emulators.pubsub_host, self.proxy, self.token)

    def _end_pubsub(self) -> None:
        if self.pubsub is not None:
            self.pubsub.kill()
        self.pubsub = None


@dataclass(frozen=True, slots=True)
class Base:
    """What every stack under test begins with: secrets, free ports, and emulators."""

    folder: Path
    ports: Ports
    secrets: Secrets
    token: str
    emulators: Emulators

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @classmethod
    @contextmanager
    def running(cls, folder: Path, functions: Iterable[str]) -> Iterator["Base"]:
        """Emulators run inside the block, and the environment of this process names them and little else."""
        clear_environment()
        kept = secrets.kept_in(folder)
        use_secret(kept.id_key)
        ports = Ports(free_port(), {name: free_port() for name in functions})
        token = Issuer(ports.issuer, kept.signing_key).machine()
        with Emulators.running(folder / "logs") as emulators:
            os.environ.update(emulators.environment)
            yield cls(folder, ports, kept, token, emulators)

    def environments(self) -> dict[str, dict[str, str]]:
        """The variables that connect each function."""
        return environments(self.ports, self.secrets, ledger_of(self.folder))

    @contextmanager
    def in_use(self, ticked: Ports) -> Iterator[str]:
        """People and systems may use the stack inside the block, and `deliver` at `ticked` is ticked; the key
        of the systems. Functions answer already."""
        api_key = asyncio.run(access.granted())
        hosts = self.emulators.hosts
        with (
            stack.described(self.folder, self.ports, hosts, self.secrets, api_key),
            scheduler.ticking(ticked, self.token, self.logs),
        ):
            yield api_key


@contextmanager
def staged(folder: Path, seed: int) -> Iterator[Stage]:
    """A ready stack, which ends with the block. Raises StackError."""
    with ExitStack() as running:
        base = running.enter_context(Base.running(folder, FUNCTIONS))
        ports, emulators, token = base.ports, base.emulators, base.token
        proxy = Ports(ports.gateway, dict.fromkeys(FUNCTIONS, free_port()))
        faults = Faults(folder / "faults")
        knobs = settings.knobs(seed, f"{proxy.function('receipts')}/webhooks")
        variables = {
            name: {**wired, **knobs.get(name, {}), **faults.environment(name)}
            for name, wired in base.environments().items()
        }
        _provide(emulators.pubsub_host, proxy, token)
        functions = Functions(ports, variables, base.secrets, base.logs, _NEEDED)
        running.enter_context(functions.running())
        functions.wait_until_ready()
        api_key = running.enter_context(base.in_use(proxy))
        made = Stage(
            folder, ports, proxy, base.secrets, token, api_key, emulators, emulators.pubsub, functions, faults
        )
        running.callback(made._end_pubsub)
        yield made


def clear_environment() -> None:
    """Remove the developer's own settings, which would change the run.

    Where the emulators are found stays, and CRM_STATE, by which tests know the processes of a run.
    """
    for name in list(os.environ):
        if name.startswith("CRM_") and not name.endswith(("_JAR", "_MEMORY", "_DOWNLOADS", "_STATE")):
            del os.environ[name]


def _provide(pubsub_host: str, proxy: Ports, token: str) -> None:
    broker = Broker(pubsub_host, PROJECT)
    provision.topics(broker)
    provision.subscriptions(broker, proxy, token, settings.pushes())
