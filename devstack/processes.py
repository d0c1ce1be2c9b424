"""Child processes that cannot be left behind, and the ports that they listen on."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx2

from devstack.errors import StackError

_TETHER = Path(__file__).with_name("tether.py")


class Child:
    """A program in a process group of its own, its output in a log file."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it. Call from the main thread: on Linux a child ends with the thread that started it."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        tether = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid())]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*tether, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def died(self) -> bool:
        """Whether it has ended without being asked to."""
        return self._process.poll() is not None

    def last_lines(self, count: int = 15) -> str:
        """The end of its log, indented, for an error message."""
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"    {line}" for line in lines) or "    (it wrote nothing)"

    def wait_until_answers(self, url: str, seconds: float) -> None:
        """Return once `url` answers 200. Raises StackError if the process ends first or `seconds` pass."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.died():
                raise StackError(self.obituary("ended while it was starting"))
            with suppress(httpx2.HTTPError):
                if httpx2.get(url, timeout=2, trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise StackError(self.obituary(f"did not answer within {seconds:.0f} seconds"))

    def obituary(self, what: str) -> str:
        """A sentence for an error: which process, what happened, its last words."""
        return f"{self.name} {what}. Its log, {self.log}, ends with:\n{self.last_lines()}"

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        _signal(self.pid, signal.SIGTERM)

    def stop(self, grace: float = 10.0) -> None:
        """End it and whatever it started: SIGTERM, then SIGKILL after `grace` seconds. Safe to call again."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        _signal(self.pid, signal.SIGKILL)
        self._process.wait()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # the latter for a group of zombies, on macOS
        os.killpg(group, number)
