"""What functions published, on the disk before they hear that it is durable.

The broker keeps everything in memory. What it loses when it dies is published again from here, and after a
start without a clean end too. Handlers are idempotent, so what had been handled already does no harm.

Files of a line per publish call, written by the relay alone and removed by the launcher alone. A last line
that a crash cut off was never answered, and is passed over.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from devstack.broker import Message

RETAINED = 15 * 60.0
"""Seconds for which a message stays in the journal once the database was kept after it, handled or not."""

_SEGMENT_SECONDS = 60.0


class Journal:
    """The segments in `folder`. Writing needs one instance alone, which is used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: int | None = None
        self._opened_at = 0.0

    def append(self, entries: Iterable[tuple[str, Sequence[Message]]]) -> None:
        """Return once each topic with its messages is on the disk. Raises OSError where that fails."""
        lines = b"".join(
            json.dumps({"topic": topic, "messages": messages}, separators=(",", ":")).encode() + b"\n"
            for topic, messages in entries
        )
        try:
            handle = self._handle()
            view = memoryview(lines)
            while view:
                view = view[os.write(handle, view) :]
            os.fdatasync(handle)
        except OSError:
            self.close()  # a line that was cut off ends its segment
            raise

    def close(self) -> None:
        """What is appended next begins another segment."""
        if self._open is not None:
            os.close(self._open)
            self._open = None

    def entries(self) -> Iterator[tuple[str, list[Message]]]:
        """Each topic with the messages of one publish call, the oldest first."""
        for segment in self._segments():
            with segment.open("rb") as lines:
                for line in lines:
                    if line.endswith(b"\n"):
                        entry = json.loads(line)
                        yield entry["topic"], entry["messages"]

    def renew(self) -> None:
        """Count every message as published now: it has been, once more."""
        for segment in self._segments():
            os.utime(segment)

    def drop(self, before: float) -> None:
        """Remove what was published more than RETAINED seconds before that time, in seconds since 1970."""
        for segment in self._segments():
            if segment.stat().st_mtime < before - RETAINED:
                segment.unlink()

    def clear(self) -> None:
        """Remove everything; nobody may be appending."""
        for segment in self._segments():
            segment.unlink()

    def _segments(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _handle(self) -> int:
        """The segment to write to. One a minute, so that `drop` never removes one that is still written.

        By the clock that `drop` goes by, since a monotonic one may stop while the machine sleeps.
        """
        if self._open is not None and not 0 <= time.time() - self._opened_at <= _SEGMENT_SECONDS:
            self.close()
        if self._open is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            name = f"{time.time_ns():020}.jsonl"
            self._open = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._opened_at = time.time()
            sync(self.folder)
        return self._open


def sync(path: Path) -> None:
    """Return once a file, or the list of a folder's files, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
