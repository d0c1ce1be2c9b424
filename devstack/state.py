"""What survives a restart: the database, and the messages that nobody has handled yet.

A snapshot is a folder of its own. The file `current-<format>` names the current snapshot and is replaced
last, once that is on the disk: a crash at any line, of the machine too, leaves the previous snapshot whole.
"""

import json
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx2

from crm.topology import PUSHES
from devstack.broker import Broker, Message
from devstack.emulators import PROJECT
from devstack.errors import StackError
from devstack.journal import Journal, sync
from devstack.processes import answers

logger = logging.getLogger(__name__)

FORMAT = 3
"""Rises when stored names change. What was saved in an older format is not read."""

_NAME = "firestore"
_MESSAGES = "messages.json"
_EXPORT_SECONDS = 900

Messages = dict[str, list[Message]]
"""Topic → its unhandled messages."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot: when it was taken, in local time, and how many bytes it has."""

    at: datetime
    size: int

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}, {max(self.size / 1e6, 0.1):,.1f} MB"


class State:
    """The snapshots in `folder`, one writer at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current_file = folder / f"current-{FORMAT}"
        self._saving = threading.RLock()

    @property
    def import_file(self) -> Path | None:
        """What the Firestore emulator is to begin with; None for an empty database."""
        current = self._current()
        return _metadata(current) if current else None

    @property
    def is_outdated(self) -> bool:
        """Whether only data of an older format is there."""
        return self._current() is None and self._folder.is_dir() and any(self._folder.glob("current*"))

    @property
    def kept(self) -> Kept | None:
        """What `import_file` is; None where nothing is kept."""
        with self.undisturbed():
            if not (file := self.import_file):
                return None
            size = sum(each.stat().st_size for each in file.parent.rglob("*") if each.is_file())
            return Kept(datetime.fromtimestamp(file.stat().st_mtime).astimezone(), size)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Meanwhile no other thread puts another snapshot in the place of the current one."""
        with self._saving:
            yield

    def messages(self) -> Messages:
        """What was unhandled when the snapshot was taken."""
        current = self._current()
        found: Messages = json.loads((current / _MESSAGES).read_text()) if current else {}
        return found

    def save(self, firestore_host: str, messages: Messages) -> None:
        """Take a snapshot, make it the current one and drop the others.

        Raises StackError where that fails; the previous snapshot then stays.
        """
        with self.undisturbed():
            snapshot = self._folder / uuid4().hex
            try:
                _keep_private(self._folder)
                snapshot.mkdir()
                _export(firestore_host, snapshot)
                (snapshot / _MESSAGES).write_text(json.dumps(messages))
                _sync_all(snapshot)
                self._make_current(snapshot)
            except (StackError, OSError) as error:
                shutil.rmtree(snapshot, ignore_errors=True)
                kept = f"What was kept last is of {self.kept}." if self.kept else "Nothing is kept."
                raise StackError(f"The database could not be saved: {error}. {kept}") from error
            for other in self._folder.iterdir():
                if other.is_dir() and other != snapshot:
                    shutil.rmtree(other, ignore_errors=True)

    def _make_current(self, snapshot: Path) -> None:
        draft = self._folder / "current.new"
        draft.write_text(snapshot.name)
        sync(draft)
        sync(self._folder)
        draft.replace(self._current_file)
        sync(self._folder)

    def clear(self) -> None:
        """Forget every snapshot."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _current(self) -> Path | None:
        try:
            return self._folder / self._current_file.read_text()
        except FileNotFoundError:
            return None


@contextmanager
def saved_regularly(state: State, firestore_host: str, journal: Journal, every: float) -> Iterator[None]:
    """Take a snapshot of the database every so many seconds, so that a crash loses little.

    What a snapshot holds is dropped from the journal a while later. A big database takes longer to write:
    then the pauses grow too, to twenty times as long.
    """
    stop = threading.Event()

    def save() -> None:
        pause = every
        while not stop.wait(pause):
            began, began_at = time.monotonic(), time.time()
            try:
                state.save(firestore_host, {})
                journal.drop(began_at)
            except (StackError, OSError) as error:
                logger.warning("%s", error)
            pause = max(every, 20 * (time.monotonic() - began))

    thread = threading.Thread(target=save, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def unhandled(broker: Broker) -> Messages:
    """Take every message that no function acknowledged out of the broker."""
    return {push.topic: list(broker.take_unhandled(push.topic)) for push in PUSHES}


def _keep_private(folder: Path) -> None:
    """Make the folder, and let only its owner into it: it holds the whole database."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def _export(firestore_host: str, folder: Path) -> None:
    """Raises StackError unless the whole export is there."""
    if not answers(f"http://{firestore_host}/"):
        raise StackError("the Firestore emulator does not answer")
    database = f"projects/{PROJECT}/databases/(default)"
    request = {"database": database, "export_directory": str(folder), "export_name": _NAME}
    url = f"http://{firestore_host}/emulator/v1/projects/{PROJECT}:export"
    try:
        answer = httpx2.post(url, json=request, timeout=_EXPORT_SECONDS, trust_env=False)
        answer.raise_for_status()
    except httpx2.HTTPError as error:
        raise StackError(f"the Firestore emulator does not export ({error})") from error
    if not _metadata(folder).exists():
        raise StackError("the Firestore emulator exported nothing")


def _metadata(snapshot: Path) -> Path:
    return snapshot / _NAME / f"{_NAME}.overall_export_metadata"


def _sync_all(folder: Path) -> None:
    """Return once every file below is on the disk, whoever wrote it."""
    for path in (*folder.rglob("*"), folder):
        sync(path)
