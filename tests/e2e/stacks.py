"""The whole stack as a developer starts it, in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from devstack.processes import free_port
from tests.support import ROOT

START_SECONDS = 300
STOP_SECONDS = 180
OUTPUT = "output.txt"

FAILURE_RATE = 0.25
"""The share of messages that fail on the stack that the tests share."""


@dataclass(frozen=True)
class Stack:
    """A stack that is ready. `about` is its stack.json; `process` is None if the tests did not start it."""

    folder: Path
    process: subprocess.Popen[bytes] | None
    about: dict[str, Any]

    @classmethod
    def running(cls, folder: Path) -> "Stack":
        """The stack that runs with its data in `folder`."""
        return cls(folder, None, json.loads((folder / "stack.json").read_text()))

    @property
    def url(self) -> str:
        return str(self.about["url"])

    def said(self) -> str:
        """What it has printed so far."""
        return (self.folder / OUTPUT).read_text()

    def systems(self) -> httpx2.Client:
        """A client that posts data, with the API key."""
        headers = {"Authorization": f"Bearer {self.about['api_key']}"}
        return httpx2.Client(base_url=f"{self.url}/api/v1/ingest", headers=headers, timeout=120)

    def vendor(self) -> httpx2.Client:
        """A client that reads the simulated vendor's ledger."""
        headers = {"Authorization": f"Bearer {self.about['vendor_key']}"}
        return httpx2.Client(base_url=self.about["functions"]["vendor"], headers=headers, timeout=120)

    def group(self, mark: str) -> int:
        """The process group of the process with `mark` in its command line."""
        return os.getpgid(next(pid for pid, said in processes(self.folder).items() if mark in said))

    @contextmanager
    def frozen(self, mark: str) -> Iterator[None]:
        """Meanwhile the process with `mark` in its command line, and whatever it started, does nothing."""
        group = self.group(mark)
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGCONT)

    @contextmanager
    def member(self, email: str) -> Iterator[httpx2.Client]:
        """A client with a member's session."""
        headers = {"X-Requested-With": "crm"}
        with httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=120) as client:
            nonce = client.post("/session/nonce").json()["nonce"]
            issued = client.post(f"{self.url}/identity/token", json={"email": email, "nonce": nonce})
            credential = issued.json()["credential"]
            answer = client.post("/session", json={"credential": credential})
            assert answer.status_code == 200, answer.text
            yield client


def key_of(client: httpx2.Client, customer_id: str) -> str | None:
    """The key of a customer, as a search by a member tells it; None if there is no such customer."""
    answer = client.post("/customers/search", json={"query": customer_id, "limit": 200})
    assert answer.status_code == 200, answer.text
    return next((each["key"] for each in answer.json()["data"] if each["customer_id"] == customer_id), None)


def page_of(client: httpx2.Client, customer_id: str) -> str:
    """The path of a customer who exists, in the web app and in the API."""
    key = key_of(client, customer_id)
    assert key is not None, customer_id
    return f"/customers/{key}"


@contextmanager
def started(folder: Path, **variables: str) -> Iterator[Stack]:
    """`python -m devstack run` with its data in `folder`, ended by SIGTERM; then no process may be left.

    A test may kill it earlier.
    """
    process = launch(folder, **variables)
    try:
        stack = ready(process, folder)
        yield stack
        if process.poll() != -signal.SIGKILL:
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0, stack.said()
    finally:
        process.kill()
        process.wait()
    assert not processes(folder)


def launch(folder: Path, output: str = OUTPUT, **variables: str) -> subprocess.Popen[bytes]:
    """Start a stack with emulators and a port of its own, its output in a file; do not wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {name: text for name, text in os.environ.items() if not name.startswith("CRM_")}
    environment |= {"CRM_STATE": str(folder), "CRM_PORT": str(free_port()), **variables}
    command = [sys.executable, "-m", "devstack", "run"]
    with (folder / output).open("wb") as said:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)


def ready(process: subprocess.Popen[bytes], folder: Path) -> Stack:
    """Wait until the stack is ready. Raises AssertionError with its output if it ends or takes too long."""
    file, output = folder / "stack.json", folder / OUTPUT
    deadline = time.monotonic() + START_SECONDS
    while not file.exists():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
    return Stack(folder, process, json.loads(file.read_text()))


def processes(folder: Path) -> dict[int, str]:
    """Process id → command line of the processes of the stack in `folder`, which inherit `CRM_STATE`."""
    mark = f"CRM_STATE={folder}".encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has ended, or is another user's
    return found
