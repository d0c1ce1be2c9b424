"""Child processes that cannot be left behind, and the ports that they listen on."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx2

from devstack.errors import StackError

_TETHER = Path(__file__).with_name("tether.py")


class Child:
    """A program in a process group of its own, its output in a log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        append: bool = False,
    ) -> None:
        """Start it in `folder`, from the main thread: on Linux it ends with the thread that made it.

        With `append` its log goes on where that of the process before it ended.
        """
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        tether = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid())]
        self._started = time.monotonic()
        with log.open("ab" if append else "wb") as output:
            self._process = subprocess.Popen(
                [*tether, *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is its group's too."""
        return self._process.pid

    def ended(self) -> bool:
        """Whether it runs no longer, asked to stop or not."""
        return self._process.poll() is not None

    @property
    def group(self) -> int:
        """The id of its process group, to signal it."""
        return self._process.pid

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it: its own fault or not, another one like it may live longer."""
        return (self._process.poll() or 0) < 0

    def kill(self) -> None:
        """Kill it and all processes that it started."""
        self._signal(signal.SIGKILL)
        self._wait(None)

    def wait_until_answers(self, url: str, seconds: float) -> None:
        """Return once `url` answers 200. Raises StackError if the process ends first or `seconds` pass."""
        self._wait_until(lambda: answers(url), seconds)

    def wait_until_listens(self, port: int, seconds: float) -> None:
        """Return once `port` of 127.0.0.1 takes connections. Raises StackError as `wait_until_answers`."""
        self._wait_until(lambda: _listens(port), seconds)

    def _wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.ended():
                raise StackError(self.obituary("ended while it was starting"))
            if is_ready():
                return
            time.sleep(0.05)
        raise StackError(self.obituary(f"did not answer within {seconds:.0f} seconds"))

    def obituary(self, what: str, lines: int = 15) -> str:
        """A text for an error: which process, what happened, the last lines of its log."""
        last = self.log.read_text(errors="replace").splitlines()[-lines:]
        words = "\n".join(f"    {line}" for line in last) or "    (it wrote nothing)"
        return f"{self.name} {what}. Its log, {self.log}, ends with:\n{words}"

    def finish(self) -> None:
        """Wait for the command to end. Raises StackError with the end of its output if it failed."""
        try:
            code = self._process.wait()
        finally:
            self.stop(grace=2)
        if code != 0:
            raise StackError(self.obituary("failed"))

    def stop(self, grace: float = 10.0) -> None:
        """End it and whatever it started: SIGTERM, then SIGKILL after `grace` seconds. Safe to call again."""
        stop_all([self], grace)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses for a group of zombies
            os.killpg(self._process.pid, number)

    def _wait(self, seconds: float | None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)


def stop_all(children: Iterable[Child], grace: float = 10.0) -> None:
    """End several concurrently, so that they finish their work in parallel."""
    children = list(children)
    deadline = time.monotonic() + grace
    for child in children:
        child._signal(signal.SIGTERM)
    for child in children:
        child._wait(max(0.0, deadline - time.monotonic()))
        child._signal(signal.SIGKILL)  # also those that it started and did not end
        child._wait(None)


def answers(url: str) -> bool:
    """Whether `url` answers 200 within two seconds."""
    with suppress(httpx2.HTTPError):
        # Asked again and again, and to read certificates for a call takes sixty times as long as the call.
        return httpx2.get(url, timeout=2, trust_env=False, verify=False).status_code == 200
    return False


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


_given: set[int] = set()

_PORTS: Final = range(10_240, 32_768)
"""Linux chooses from 32768 on, other systems from 49152 on."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now, and that this process was not given before.

    It is none of those that the system itself chooses, for outgoing connections among others: one of these
    may be taken until whoever asked for a port listens on it.
    """
    while True:
        port = secrets.choice(_PORTS)
        if port not in _given and is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether nobody listens on `port` of 127.0.0.1. `free_port` will not give one that was asked about."""
    _given.add(port)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
