"""Waiting for a condition instead of a time: short on an idle machine, and long enough on a busy one."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds for one step of a page or a program: much more than it takes on two cores that ten others share."""


def until(holds: Callable[[], bool], seconds: float = 4 * PATIENCE) -> None:
    """Return as soon as `holds()`. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it did not come true within {seconds:g} seconds"
        time.sleep(0.05)


async def until_true(holds: Callable[[], bool]) -> None:
    """As `until`, without blocking the event loop. Raises TimeoutError after `PATIENCE` seconds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  # it happens in another process or thread
            await asyncio.sleep(0.02)
