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


@dataclass(frozen=True, slots=True)
class Emulators:
    """Both emulators, running and ready. Addresses are `127.0.0.1:<port>`."""

    firestore: Child
    pubsub: Child
    firestore_host: str
    pubsub_host: str

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
        runtime = java.find()
        firestore_jar = jars.find(jars.FIRESTORE)
        firestore_port, pubsub_port = free_port(), free_port()
        imported = [f"--import-data={import_data}"] if import_data else []
        with ExitStack() as stack:
            logs = logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-emulators-")))
            firestore = Child(
                "The Firestore emulator",
                [
                    *(runtime, _memory("CRM_FIRESTORE_MEMORY", "3g"), *_FRUGAL, "-Duser.language=en"),
                    *("-cp", str(firestore_jar)),
                    "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
                    *("start", "--host=127.0.0.1", f"--port={firestore_port}", *imported),
                ],
                logs / "firestore.log",
            )
            stack.callback(firestore.kill)
            pubsub = start_pubsub(pubsub_port, logs)
            stack.callback(pubsub.kill)
            firestore.wait_until_answers(f"http://127.0.0.1:{firestore_port}/", _START_SECONDS)
            pubsub.wait_until_answers(f"http://127.0.0.1:{pubsub_port}/", _START_SECONDS)
            yield cls(firestore, pubsub, f"127.0.0.1:{firestore_port}", f"127.0.0.1:{pubsub_port}")


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


def _memory(variable: str, default: str) -> str:
    """The heap's cap. Without one an emulator grows until the machine has no more."""
    return f"-Xmx{os.environ.get(variable) or default}"
