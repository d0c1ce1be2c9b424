"""Waiting for what comes in its own time: as short as it can be, and long enough for a busy machine."""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds for one step of a page or a program: much more than it takes on two cores that ten others share."""


def until(holds: Callable[[], bool], seconds: float = 4 * PATIENCE) -> None:
    """Return as soon as `holds()`; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it did not come true within {seconds:g} seconds"
        time.sleep(0.1)
