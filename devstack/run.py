"""`make run`: everything in its order, then watched until it is stopped.

What dies is started again, see `devstack/revival.py`. However the stack ends, the data is kept first.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from google.cloud.firestore import AsyncClient

from crm.topology import FUNCTIONS
from devstack import access, build, counting, provision, scheduler, secrets, seed, signals, stack
from devstack.broker import Broker
from devstack.console import Steps
from devstack.emulators import PROJECT, Emulators
from devstack.errors import StackError
from devstack.functions import Functions
from devstack.identity import Issuer
from devstack.journal import Journal
from devstack.locks import AlreadyLocked, locked
from devstack.paths import state_folder
from devstack.processes import free_port, is_free
from devstack.relay import Relay
from devstack.revival import Holding, Revival
from devstack.settings import LEDGER, Ports, environments, ledger_of
from devstack.state import Messages, State, saved_regularly, unhandled

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
    steps.note("Stopped. `make run` goes on with what is kept; `make reset` clears it.")


def reset(steps: Steps) -> None:
    """Forget the data and secrets of the local stack. Raises StackError while it runs."""
    folder = state_folder()
    with _alone(folder):
        State(folder / "state").clear()
        Journal(folder / "journal").clear()
        for name in (secrets.FILE, _KEY_FILE, stack.FILE):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / LEDGER, ignore_errors=True)  # without the key it names nobody
    steps.note("The local stack is empty; the next `make run` fills it with sample data.")


def _start_and_watch(running: ExitStack, folder: Path, steps: Steps) -> None:
    """Enter one thing after the other into `running`, which ends them in reverse."""
    logs = folder / "logs"
    keep_every = _keep_every()
    running.enter_context(_alone(folder))
    stack.forget(folder)
    ports = _ports()
    kept = secrets.kept_in(folder)
    variables = environments(ports, kept, ledger_of(folder))
    token = Issuer(ports.issuer, kept.signing_key).machine()
    state, journal = State(folder / "state"), Journal(folder / "journal")
    _take_over(state, journal, steps)

    with steps.step("Web app") as step:
        step.say("built" if build.web(logs) else "unchanged")
    with steps.step("Firestore and Pub/Sub emulators"):
        emulators = running.enter_context(Emulators.running(logs, state.import_file))
        broker = Broker(emulators.pubsub_host, PROJECT)
        provision.topics(broker)
        holding = Holding(database=True)
        running.enter_context(_kept_at_the_end(state, journal, emulators, broker, holding, steps))
        relay = running.enter_context(Relay.running(emulators.pubsub_host, journal.folder, logs))
        hosts = {**emulators.hosts, "pubsub": relay.host}
        os.environ.update(emulators.environment)  # for the functions, and for our own clients
        os.environ["PUBSUB_EMULATOR_HOST"] = relay.host
    if state.kept:
        steps.note(f"Kept data of {state.kept}: {counting.held(emulators.firestore_host) or 'not counted'}.")
    functions = Functions(ports, variables, kept, logs)
    revival = Revival(emulators, relay, functions, broker, ports, token, state, journal, holding, steps)
    with steps.step(f"Gateway and {len(FUNCTIONS)} functions"):
        running.enter_context(functions.running())
        functions.wait_until_ready()
    with steps.step("Push subscriptions") as step:
        running.enter_context(provision.pushing(broker, ports, token))
        if published := revival.publish_again():
            step.say(f"{published:,} messages that were accepted before are handled now")
    running.enter_context(scheduler.ticking(ports, token, logs))
    api_key = asyncio.run(_watched(revival.watch, _filled(folder, ports, steps)))
    if state.kept is None:
        state.save(emulators.firestore_host, {})
    running.enter_context(saved_regularly(state, emulators.firestore_host, journal, keep_every))
    running.enter_context(stack.described(folder, ports, hosts, kept, api_key))
    _welcome(steps, ports, folder)
    asyncio.run(_watched(revival.watch, asyncio.Event().wait()))


def _take_over(state: State, journal: Journal, steps: Steps) -> None:
    """Put the messages that were kept into the journal, which is what is published again."""
    if state.is_outdated:
        steps.note("The saved data is of an older version and cannot be read, so the stack starts empty.")
        journal.clear()
    elif waiting := [entry for entry in state.messages().items() if entry[1]]:
        journal.append(waiting)
        journal.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        with locked(folder / "lock", wait=False):
            yield
    except AlreadyLocked as error:
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


def _keep_every() -> float:
    text = os.environ.get("CRM_KEEP_EVERY") or "60"
    if not text.isdigit() or int(text) == 0:
        raise StackError(f"CRM_KEEP_EVERY is {text!r}. Set it to a number of seconds, or unset it.")
    return float(text)


@contextmanager
def _kept_at_the_end(
    state: State, journal: Journal, emulators: Emulators, broker: Broker, holding: Holding, steps: Steps
) -> Iterator[None]:
    """Keep on leaving, for whatever reason, what the stack holds by then."""
    try:
        yield
    finally:
        if holding.database:
            messages = _unhandled(broker, steps) if holding.messages else None
            try:
                state.save(emulators.firestore_host, messages or {})
                if messages is not None:
                    journal.clear()
                waiting = sum(map(len, (messages or {}).values()))
                steps.note(f"Kept the data of {state.kept}, and {waiting:,} messages that wait.")
            except (StackError, OSError) as error:
                steps.error(str(error))


def _unhandled(broker: Broker, steps: Steps) -> Messages | None:
    """None where the broker has died: then the journal stays."""
    try:
        return unhandled(broker)
    except StackError as error:
        steps.error(f"{error} The next `make run` publishes again what the journal holds.")
        return None


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
