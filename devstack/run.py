"""`make run`: everything in its order, then watched until it is stopped.

A function that dies is started again, as the platform does it; without an emulator nothing can go on.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from google.cloud.firestore import AsyncClient

from crm.topology import FUNCTIONS
from devstack import access, build, provision, scheduler, secrets, seed, signals, stack
from devstack.broker import Broker
from devstack.console import Steps
from devstack.emulators import PROJECT, Emulators
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.identity import Issuer
from devstack.locks import CustomerData, locked
from devstack.paths import state_folder
from devstack.processes import Child, free_port, is_free
from devstack.settings import Ports, environments
from devstack.state import State, saved_regularly, unhandled

_WATCH_EVERY = 0.5
_KEY_FILE = "api_key"

T = TypeVar("T")


def run(steps: Steps) -> None:
    """Start the stack and return once it was asked to stop. Raises StackError; leaves nothing running."""
    signals.raise_on_request()
    with ExitStack() as running:
        try:
            _start_and_watch(running, state_folder(), steps)
        except signals.StopRequested:
            steps.note("Stopping …")
        finally:
            signals.ignore()
    steps.note("Stopped. The data is kept for the next `make run`; `make reset` clears it.")


def reset(steps: Steps) -> None:
    """Forget the data and secrets of the local stack. Raises StackError while it runs."""
    folder = state_folder()
    with _alone(folder):
        State(folder / "state").clear()
        for name in (secrets.FILE, _KEY_FILE, stack.FILE):
            (folder / name).unlink(missing_ok=True)
    steps.note("The local stack is empty; the next `make run` fills it with sample data.")


def _start_and_watch(running: ExitStack, folder: Path, steps: Steps) -> None:
    """Enter one thing after the other into `running`, which ends them in reverse."""
    logs = folder / "logs"
    running.enter_context(_alone(folder))
    stack.forget(folder)
    ports = _ports()
    kept = secrets.kept_in(folder)
    variables = environments(ports, kept)
    token = Issuer(ports.issuer, kept.signing_key).machine()
    state = State(folder / "state")
    if state.is_outdated:
        steps.note("The saved data is of an older version and cannot be read, so the stack starts empty.")

    with steps.step("Web app") as step:
        step.say("built" if build.web(logs) else "unchanged")
    with steps.step("Firestore and Pub/Sub emulators"):
        emulators = running.enter_context(Emulators.running(logs, state.import_file))
        os.environ.update(emulators.environment)  # for the functions, and for our own clients
        broker = Broker(emulators.pubsub_host, PROJECT)
        provision.topics(broker)
    restored = running.enter_context(_saved_at_the_end(state, emulators, broker, steps))
    with steps.step(f"Gateway and {len(FUNCTIONS)} functions"):
        functions = Functions(ports, variables, kept, logs)
        running.enter_context(functions.running())
        functions.wait_until_ready()
    with steps.step("Push subscriptions"):
        running.enter_context(provision.pushing(broker, ports, token))
        for topic, messages in state.messages().items():
            broker.publish(topic, messages)
        restored.set()
    running.enter_context(scheduler.ticking(ports, token, logs))
    watch = partial(_watch, [emulators.firestore, emulators.pubsub], functions, steps)
    api_key = asyncio.run(_watched(watch, _filled(folder, ports, steps)))
    running.enter_context(saved_regularly(state, emulators.firestore_host))
    running.enter_context(stack.described(folder, ports, emulators, kept, api_key))
    _welcome(steps, ports, folder)
    asyncio.run(_watched(watch, asyncio.Event().wait()))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        with locked(folder / "lock", wait=False):
            yield
    except CustomerData as error:
        raise StackError(
            f"Another stack runs with the data in {folder}. Stop it first, or give this one a folder "
            "of its own: CRM_STATE=/some/folder CRM_PORT=8081 make run."
        ) from error


def _ports() -> Ports:
    text = os.environ.get("CRM_PORT") or "8080"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(
            f"CRM_PORT is {text!r}. Set it to a port number, for example CRM_PORT=8081 make run."
        )
    if not is_free(int(text)):
        raise StackError(
            f"Port {text} is taken by another program. Stop that one, or choose another port: "
            "CRM_PORT=8081 make run."
        )
    return Ports(int(text), {name: free_port() for name in FUNCTIONS})


@contextmanager
def _saved_at_the_end(
    state: State, emulators: Emulators, broker: Broker, steps: Steps
) -> Iterator[threading.Event]:
    """Save everything on leaving, but only after the event says that the last state is fully back."""
    restored = threading.Event()
    try:
        yield restored
    finally:
        if restored.is_set():
            try:
                state.save(emulators.firestore_host, unhandled(broker))
            except StackError as error:
                steps.error(str(error))


async def _filled(folder: Path, ports: Ports, steps: Steps) -> str:
    """Members, an API key, whose text is kept with the data and returned, and sample data."""
    database = AsyncClient(project=PROJECT)
    file = folder / _KEY_FILE
    with steps.step("Members and API key"):
        await access.members(database)
        api_key = await access.api_key(database, secrets.read_private(file))
        secrets.write_private(file, api_key)
    with steps.step("Sample data") as step:
        if not await seed.sample_data(database, ports.function("ingest"), api_key, step.say):
            step.say("unchanged")
    return api_key


def _welcome(steps: Steps, ports: Ports, folder: Path) -> None:
    steps.note()
    steps.headline(f"The CRM runs at {ports.url}")
    steps.note("  First: open it, sign in as marketer@example.com, and build an audience.")
    steps.note(f"  Post data: {ports.url}/api/v1/ingest/docs, with the API key in {folder / stack.FILE}")
    steps.note(f"  Logs: {folder / 'logs'}   Stop: Ctrl-C")


async def _watched(watch: Callable[[], None], work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which ends with whatever `watch` raises meanwhile."""
    task = asyncio.create_task(work)
    while not task.done():
        watch()
        await asyncio.wait([task], timeout=_WATCH_EVERY)
    return task.result()


def _watch(emulators: Sequence[Child], functions: Functions, steps: Steps) -> None:
    """Start what has died again. Raises StackError where that is not possible."""
    for emulator in emulators:
        if emulator.ended():
            raise StackError(emulator.obituary("has died, so everything was stopped"))
    for name in functions.revive():
        child = functions.children[name]
        steps.note(f"{child.name} had died and was started again; see {child.log}.")
