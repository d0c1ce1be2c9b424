"""A stack for measurements: emulators, gateway and functions as in `make run`, empty, in its own folder."""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx2
from google.cloud.firestore import AsyncClient

from bench import counting, sampling
from bench.counting import Asked
from crm.access.session_auth import COOKIE, WRITE_HEADER
from crm.customers.customer_key import use_secret
from crm.topology import FUNCTIONS
from devstack import access, provision, scheduler, secrets
from devstack.broker import Broker
from devstack.emulators import PROJECT, Emulators
from devstack.functions import Functions
from devstack.identity import Issuer
from devstack.processes import Child, free_port
from devstack.settings import UNLIMITED, Ports, environments

QUIET = 2.0
"""Seconds without a commit, after which all is written."""

PATIENCE = 60.0
"""Seconds without a commit, after which the rest will never come."""

P = ParamSpec("P")
T = TypeVar("T")

COUNTED = (sys.executable, "-m", "bench.counted")


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack. `children` are its processes, by name."""

    ports: Ports
    api_key: str
    secrets: secrets.Secrets
    children: Mapping[str, Child]
    counts: Path
    samples: Path
    issuer: Issuer

    def session_headers(self, email: str) -> dict[str, str]:
        """The headers of a member's browser, after signing in."""
        url = f"{self.ports.function('campaigns')}/api/v1/session"
        headers = {WRITE_HEADER: "crm"}
        with httpx2.Client(headers=headers, timeout=PATIENCE, trust_env=False) as http:
            nonce = http.post(f"{url}/nonce").raise_for_status().json()["nonce"]
            credential = self.issuer.person(email, email, nonce)
            answer = http.post(url, json={"credential": credential}).raise_for_status()
        return {**headers, "Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}

    def database(self) -> AsyncClient:
        """A new client, for the event loop that is going to use it."""
        return AsyncClient(project=PROJECT)

    def on_database(
        self,
        work: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]],
        *given: P.args,
        **named: P.kwargs,
    ) -> T:
        """What `work` makes of the database and of what else it is given, in an event loop of its own.

        The connection ends with the loop; left open, it would warn at the end of the program.
        """

        async def connected() -> T:
            database = self.database()
            try:
                return await work(database, *given, **named)
            finally:
                await database._firestore_api.transport.close()

        return asyncio.run(connected())

    def asked(self) -> dict[str, Asked]:
        """What each function has asked of its dependencies until now."""
        return {file.name: counting.read(file) for file in self.counts.iterdir()}

    def memory(self) -> dict[str, tuple[float, float]]:
        """By process what it holds now and the most that it ever held, in MB, its workers included."""
        return {name: _memory(child.pid) for name, child in self.children.items()}

    def processor(self) -> dict[str, float]:
        """Seconds of processor time that each process has used until now."""
        return {name: _processor(child.pid) for name, child in self.children.items()}

    def raw_processor(self) -> float:
        """Processor seconds of this process and the database, which write the raw limit."""
        return self.processor()["firestore"] + time.process_time()

    def others(self) -> float:
        """Seconds of processor time that all has used until now that is neither the stack nor this process:
        how much a figure was disturbed."""
        return _machine() - sum(self.processor().values()) - time.process_time()

    def profile(self) -> dict[str, Counter[str]]:
        """By function, its seconds by area until now, where the stack is profiled."""
        return {file.name: sampling.read(file) for file in self.samples.iterdir() if not file.suffix}

    def until_written(self, name: str, before: int, size: int) -> float:
        """When `size` documents were written by the function since it had written `before`.

        That is the time of its last commit: none follows for `QUIET` seconds. Raises TimeoutError after
        `PATIENCE` seconds without one.
        """
        written, since = before, time.perf_counter()
        while time.perf_counter() - since < (QUIET if written - before >= size else PATIENCE):
            now = self.asked()[name].writes
            if now != written:
                written, since = now, time.perf_counter()
            time.sleep(0.005)
        if written - before < size:
            raise TimeoutError(f"only {written - before:,} of {size:,} documents were written")
        return since


@contextmanager
def running(
    names: Sequence[str] = FUNCTIONS, knobs: Mapping[str, str] | None = None, *, profiled: bool = False
) -> Iterator[Stack]:
    """Start it, with the `CRM_…` variables of `knobs`, and end all of it on leaving.

    With `profiled` the functions note where they spend their processor time, which slows them a little.
    """
    os.environ.update(knobs or {})
    os.environ.setdefault("CRM_FIRESTORE_MEMORY", "6g")
    os.environ.setdefault("CRM_RATE_LIMITS", UNLIMITED)
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as name:
        folder = Path(name)
        counts, samples = folder / "counts", folder / "samples"
        counts.mkdir()
        samples.mkdir()
        os.environ["CRM_BENCH_COUNTS"] = str(counts)
        if profiled:
            os.environ["CRM_BENCH_SAMPLES"] = str(samples)
        kept = secrets.kept_in(folder)
        use_secret(kept.id_key)
        ports = Ports(free_port(), {each: free_port() for each in FUNCTIONS})
        issuer = Issuer(ports.issuer, kept.signing_key)
        token = issuer.machine()
        with Emulators.running(folder / "logs") as emulators:
            os.environ.update(emulators.environment)
            broker = Broker(emulators.pubsub_host, PROJECT)
            provision.topics(broker)
            variables = environments(ports, kept)
            functions = Functions(ports, variables, kept, folder / "logs", names, COUNTED)
            with functions.running():
                functions.wait_until_ready()
                api_key = asyncio.run(access.granted())
                with provision.pushing(broker, ports, token), _ticked(names, ports, token, folder):
                    both = {"firestore": emulators.firestore, "pubsub": emulators.pubsub}
                    yield Stack(ports, api_key, kept, {**functions.children, **both}, counts, samples, issuer)


@contextmanager
def _ticked(names: Sequence[str], ports: Ports, token: str, folder: Path) -> Iterator[None]:
    if "deliver" not in names:
        yield
        return
    with scheduler.ticking(ports, token, folder / "logs"):
        yield


def _machine() -> float:
    """Seconds of processor time that this machine has been busy: neither idle nor waiting for a disk."""
    first = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, soft, stolen = map(int, first[:8])
    return (user + nice + system + irq + soft + stolen) / os.sysconf("SC_CLK_TCK")


def _memory(group: int) -> tuple[float, float]:
    found = [_status(pid) for pid in _members(group)]
    return sum(now for now, _ in found), sum(most for _, most in found)


def _status(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith("Vm")}
    return sizes["VmRSS"], sizes["VmHWM"]


def _processor(group: int) -> float:
    return sum(sum(map(int, _stat(pid)[11:13])) for pid in _members(group)) / os.sysconf("SC_CLK_TCK")


def _members(group: int) -> list[int]:
    found = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [pid for pid in found if _in_group(pid, group)]


def _in_group(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group
    except ProcessLookupError:
        return False


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
