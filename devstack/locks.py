"""Files that only one process holds at a time; the lock goes with its process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyLocked(RuntimeError):
    """Another process holds the lock."""


@contextmanager
def locked(file: Path, wait: bool = True) -> Iterator[None]:
    """Hold `file`. Raises AlreadyLocked where another process does and `wait` is false."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise AlreadyLocked(str(file)) from error
        yield
