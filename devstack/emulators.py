"""The Firestore and Pub/Sub emulators as child processes."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack import jars, java
from devstack.processes import Child, free_port

PROJECT = "crm-local"
"""The project id of the local stack; the emulators take any."""

_FRUGAL = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
_START_SECONDS = 60


@dataclass(slots=True)
class Emulators:
    """Both emulators, running and ready. Addresses are `127.0.0.1:<port>` and stay when one is replaced."""

    firestore: Child
    pubsub: Child
    firestore_host: str
    pubsub_host: str
    logs: Path

    @property
    def hosts(self) -> dict[str, str]:
        """ "firestore" and "pubsub" → address."""
        return {"firestore": self.firestore_host, "pubsub": self.pubsub_host}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that direct Google's client libraries to the emulators."""
        return {
            "FIRESTORE_EMULATOR_HOST": self.firestore_host,
            "PUBSUB_EMULATOR_HOST": self.pubsub_host,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
        }

    @classmethod
    @contextmanager
    def running(cls, logs: Path | None = None, import_data: Path | None = None) -> Iterator["Emulators"]:
        """Start both on free ports, wait until they answer, end them on leaving: immediately, for all that
        they have is in memory.

        `import_data` is an `.overall_export_metadata` file for Firestore to begin with. Raises StackError
        where Java or a jar is missing or an emulator does not start.
        """
        firestore_port, pubsub_port = free_port(), free_port()
        with ExitStack() as stack:
            logs = logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-emulators-")))
            firestore = start_firestore(firestore_port, logs, import_data)
            stack.callback(firestore.kill)
            pubsub = start_pubsub(pubsub_port, logs)
            made = cls(firestore, pubsub, f"127.0.0.1:{firestore_port}", f"127.0.0.1:{pubsub_port}", logs)
            stack.callback(made.kill)
            _wait_until_ready(made.firestore, made.firestore_host)
            _wait_until_ready(made.pubsub, made.pubsub_host)
            yield made

    def replace_firestore(self, import_data: Path | None) -> None:
        """Put another in the place of one that died, with the data of that file. Raises StackError."""
        self.firestore.kill()  # what it started, and is left without it
        self.firestore = start_firestore(_port(self.firestore_host), self.logs, import_data, append=True)
        _wait_until_ready(self.firestore, self.firestore_host)

    def replace_pubsub(self) -> None:
        """Put an empty one in the place of one that died: it knows no topic. Raises StackError."""
        self.pubsub.kill()
        self.pubsub = start_pubsub(_port(self.pubsub_host), self.logs, append=True)
        _wait_until_ready(self.pubsub, self.pubsub_host)

    def kill(self) -> None:
        """End both at once."""
        self.firestore.kill()
        self.pubsub.kill()


def start_firestore(port: int, logs: Path, import_data: Path | None, append: bool = False) -> Child:
    """A Firestore emulator on `port` that begins with `import_data`; it may not answer yet. Raises StackError
    where it is missing."""
    imported = [f"--import-data={import_data}"] if import_data else []
    return Child(
        "The Firestore emulator",
        [
            *(java.find(), _memory("CRM_FIRESTORE_MEMORY", "3g"), *_FRUGAL, "-Duser.language=en"),
            *("-cp", str(jars.find(jars.FIRESTORE))),
            "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
            *("start", "--host=127.0.0.1", f"--port={port}", *imported),
        ],
        logs / "firestore.log",
        append=append,
    )


def start_pubsub(port: int, logs: Path, append: bool = False) -> Child:
    """An empty Pub/Sub emulator on `port`; it may not answer yet. Raises StackError where it is missing."""
    return Child(
        "The Pub/Sub emulator",
        [
            *(java.find(), _memory("CRM_PUBSUB_MEMORY", "1g"), *_FRUGAL, "-jar", str(jars.find(jars.PUBSUB))),
            *("--host=127.0.0.1", f"--port={port}"),
        ],
        logs / "pubsub.log",
        append=append,
    )


def _wait_until_ready(emulator: Child, host: str) -> None:
    emulator.wait_until_answers(f"http://{host}/", _START_SECONDS)


def _port(host: str) -> int:
    return int(host.rpartition(":")[2])


def _memory(variable: str, default: str) -> str:
    """The heap's cap. Without one an emulator grows until the machine has no more."""
    return f"-Xmx{os.environ.get(variable) or default}"
