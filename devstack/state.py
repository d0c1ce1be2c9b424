"""What survives a restart: the database, and the messages that nobody has handled yet.

A snapshot is a folder of its own. The file `current-<format>` names the current snapshot and is replaced
last, so a crash at any line leaves the previous snapshot whole.
"""

import json
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx2

from crm.topology import PUSHES
from devstack.broker import Broker, Message
from devstack.emulators import PROJECT
from devstack.errors import StackError

logger = logging.getLogger(__name__)

FORMAT = 2
"""Rises when stored names change. What was saved in an older format is not read."""

_NAME = "firestore"
_MESSAGES = "messages.json"
_EXPORT_SECONDS = 900
_EVERY = 60.0

Messages = dict[str, list[Message]]
"""Topic → its unhandled messages."""


class State:
    """The snapshots in `folder`, one writer at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current_file = folder / f"current-{FORMAT}"
        self._saving = threading.Lock()

    @property
    def import_file(self) -> Path | None:
        """What the Firestore emulator is to begin with; None for an empty database."""
        current = self._current()
        return current / _NAME / f"{_NAME}.overall_export_metadata" if current else None

    @property
    def is_outdated(self) -> bool:
        """Whether only data of an older format is there."""
        return self._current() is None and self._folder.is_dir() and any(self._folder.glob("current*"))

    def messages(self) -> Messages:
        """What was unhandled when the snapshot was taken."""
        current = self._current()
        found: Messages = json.loads((current / _MESSAGES).read_text()) if current else {}
        return found

    def save(self, firestore_host: str, messages: Messages) -> None:
        """Take a snapshot, make it the current one and drop the others.

        Raises StackError where the emulator does not export; the previous snapshot then stays.
        """
        with self._saving:
            snapshot = self._folder / uuid4().hex
            snapshot.mkdir(parents=True)
            _export(firestore_host, snapshot)
            (snapshot / _MESSAGES).write_text(json.dumps(messages))
            draft = self._folder / "current.new"
            draft.write_text(snapshot.name)
            draft.replace(self._current_file)
            for other in self._folder.iterdir():
                if other.is_dir() and other != snapshot:
                    shutil.rmtree(other, ignore_errors=True)

    def clear(self) -> None:
        """Forget every snapshot."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _current(self) -> Path | None:
        try:
            return self._folder / self._current_file.read_text()
        except FileNotFoundError:
            return None


@contextmanager
def saved_regularly(state: State, firestore_host: str) -> Iterator[None]:
    """Take a snapshot of the database every minute, so that a crash loses little.

    A big database takes longer to write: then the pauses grow too, to twenty times as long.
    """
    stop = threading.Event()

    def save() -> None:
        pause = _EVERY
        while not stop.wait(pause):
            began = time.monotonic()
            try:
                state.save(firestore_host, {})
            except StackError as error:
                logger.warning("%s", error)
            pause = max(_EVERY, 20 * (time.monotonic() - began))

    thread = threading.Thread(target=save, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def unhandled(broker: Broker) -> Messages:
    """Take every message that no function acknowledged out of the broker."""
    return {push.topic: list(broker.take_unhandled(push.topic)) for push in PUSHES}


def _export(firestore_host: str, folder: Path) -> None:
    database = f"projects/{PROJECT}/databases/(default)"
    request = {"database": database, "export_directory": str(folder), "export_name": _NAME}
    url = f"http://{firestore_host}/emulator/v1/projects/{PROJECT}:export"
    try:
        answer = httpx2.post(url, json=request, timeout=_EXPORT_SECONDS, trust_env=False)
        answer.raise_for_status()
    except httpx2.HTTPError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StackError(
            f"The database could not be saved ({error}). The last saved state, at most minutes old, is kept."
        ) from error
