"""Functions in real functions-framework processes, called over raw sockets, with their memory in view."""

import asyncio
import json
import os
import select
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crm.topology import FUNCTIONS
from devstack.functions import FRAMEWORK
from devstack.processes import Child, free_port, stop_all
from devstack.secrets import kept_in
from devstack.settings import UNLIMITED, Ports, environments, ledger_of
from tests.support import ROOT

PART = 2**16


@dataclass(frozen=True)
class Answer:
    """What came back. `sent` is how much of the body was written by then."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: int

    @property
    def problem(self) -> dict[str, object]:
        assert self.headers["content-type"] == "application/problem+json", self
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Served:
    """A function's process."""

    name: str
    port: int
    child: Child

    def resident(self) -> int:
        """Bytes of memory that its processes hold now."""
        return sum(_status(pid, "VmRSS") for pid in self._pids())

    def peak(self) -> int:
        """The most that its processes held since `forget_peak`."""
        return sum(_status(pid, "VmHWM") for pid in self._pids())

    def forget_peak(self) -> None:
        """Reset the measured peak."""
        for pid in self._pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def processor_seconds(self) -> float:
        """Seconds that its processes have computed, exact to some hundredths."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids()]
        return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")

    def _pids(self) -> list[int]:
        found, waiting = [], [self.child.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        return found


def _status(pid: int, name: str) -> int:
    """A figure of /proc, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@contextmanager
def serving(
    folder: Path, overrides: Mapping[str, str], names: tuple[str, ...] = FUNCTIONS
) -> Iterator[dict[str, Served]]:
    """The functions, each in its own process. `overrides` are `CRM_…` variables for all."""
    ports = Ports(free_port(), {name: free_port() for name in FUNCTIONS})
    variables = environments(ports, kept_in(folder), ledger_of(folder))
    found = {
        name: Served(
            name,
            ports.functions[name],
            Child(
                name,
                [
                    *FRAMEWORK,
                    f"--source={ROOT / 'functions' / name / 'main.py'}",
                    f"--target={name}",
                    "--host=127.0.0.1",
                    f"--port={ports.functions[name]}",
                ],
                folder / f"{name}.log",
                {**variables[name], "CRM_RATE_LIMITS": UNLIMITED, **overrides},
            ),
        )
        for name in names
    }
    try:
        for served in found.values():
            served.child.wait_until_answers(f"http://127.0.0.1:{served.port}/health", 90)
        yield found
    finally:
        stop_all(served.child for served in found.values())


async def call(
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    declared: bool = True,
    pause: float = 0,
) -> Answer:
    """One request on a connection of its own.

    With `declared` false the body is sent in chunks, with a `pause` a byte in so many seconds.
    """
    length = "Transfer-Encoding: chunked" if body and not declared else f"Content-Length: {len(body)}"
    lines = [f"{method} {path} HTTP/1.1", "Host: function.test", length]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    head = "\r\n".join([*lines, "", ""]).encode()
    return await _in_thread(_exchange, port, head, body if declared else _chunked(body), pause)


async def _in_thread(work: Callable[..., Answer], *arguments: object) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *arguments)


_THREADS = ThreadPoolExecutor(100)


def _chunked(body: bytes) -> bytes:
    parts = [body[start : start + PART] for start in range(0, len(body), PART)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _exchange(port: int, head: bytes, body: bytes, pause: float) -> Answer:
    """Send until the answer comes. asyncio's streams would lose an answer that comes before a reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head)
        rest, received = memoryview(body), b""
        with suppress(ConnectionError):
            while rest and not select.select([connection], [], [], pause)[0]:
                rest = rest[connection.send(rest[: 1 if pause else PART]) :]
        with suppress(ConnectionError):
            while not _is_whole(received) and (part := connection.recv(PART)):
                received += part
    return parsed(received, len(body) - len(rest))


def _is_whole(received: bytes) -> bool:
    return b"\r\n\r\n" in received and len(parsed(received, 0).body) == _length(received)


def _length(received: bytes) -> int:
    return int(parsed(received, 0).headers.get("content-length", "0"))


def parsed(received: bytes, sent: int) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split(" ")[1]), headers, body, sent)


@asynccontextmanager
async def pinging(served: Served) -> AsyncIterator[list[float]]:
    """Ask for /health again and again during the block.

    The list gets how long each call held the function up, in seconds of its own processor time: on a machine
    that is busy with other things, an answer takes longer than that.
    """
    took: list[float] = []

    async def ping() -> None:
        while True:
            since = served.processor_seconds()
            await call(served.port, "GET", "/health")
            took.append(served.processor_seconds() - since)
            await asyncio.sleep(0.005)

    task = asyncio.create_task(ping())
    try:
        yield took
    finally:
        task.cancel()
