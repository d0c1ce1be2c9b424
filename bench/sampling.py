"""Where a process spends its processor time: every few milliseconds of it, which code is at work.

Seconds by area stand in a file that other processes may read while this one goes on.
"""

import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

EVERY: Final = 0.004
"""Seconds of processor time between two samples."""

SHOWN_AFTER: Final = 50
"""Samples, after which the file is written again."""

AREAS: Final = (
    ("documents to and from messages", ("crm.platform.firestore",)),
    ("rows to and from documents", (r"crm.\w+.store",)),
    ("rendering", ("liquid", "crm.campaigns.message", "crm.campaigns.templates")),
    ("decisions", (r"crm.(?!entry|platform|channels)\w+",)),
    ("calls to Google", ("grpc", "google", "proto", "crm.platform.pubsub")),
    ("HTTP and JSON", ("uvicorn", "starlette", "fastapi", "pydantic", "json", "httpx2", "httpcore2", "h11")),
    ("HTTP and JSON", ("functions_framework", "crm.entry", "crm.channels", "standardwebhooks")),
    ("the simulated vendor", ("vendor_sim",)),
)
"""An area, and the patterns of its packages; the innermost call that is of one decides."""

OTHER: Final = "event loop and the rest"
THREADS: Final = "threads of the network library"


@contextmanager
def sampled(file: Path) -> Iterator[None]:
    """Sample this process, or what it becomes by a fork, until the end of the block or of the process."""
    spent: dict[str, float] = Counter()  # type: ignore[assignment]  # it adds up floats as well
    last = time.thread_time(), time.process_time()
    samples = 0

    def sample(_: int, frame: FrameType | None) -> None:
        nonlocal last, samples
        before, last = last, (time.thread_time(), time.process_time())
        main, whole = last[0] - before[0], last[1] - before[1]
        spent[_area(frame)] += main
        spent[THREADS] += max(0.0, whole - main)
        samples += 1
        if samples % SHOWN_AFTER == 0:
            _show(file, spent)

    def begin() -> None:
        nonlocal last
        last = time.thread_time(), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    signal.signal(signal.SIGPROF, sample)
    os.register_at_fork(after_in_child=begin)
    begin()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _show(file, spent)


def read(file: Path) -> Counter[str]:
    """Seconds by area, as of the latest sample."""
    found: Any = json.loads(file.read_text("utf-8"))
    return Counter(found)


def _show(file: Path, spent: dict[str, float]) -> None:
    made = file.with_suffix(f".{os.getpid()}")
    made.write_text(json.dumps(spent), "utf-8")
    made.replace(file)


def _area(frame: FrameType | None) -> str:
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        for area, packages in AREAS:
            if any(re.match(rf"{package}(\.|$)", module) for package in packages):
                return area
        frame = frame.f_back
    return OTHER
