"""Work in Python that would hold up the event loop, done by one thread in slices."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic
from typing import Final, TypeVar

from crm.kernel.errors import Unavailable

T = TypeVar("T")

SLICE: Final = 0.01
"""Seconds after which a slice ends with the item at hand, so that others have their turn."""


class Worker:
    """One thread that pieces of work share by turns: a long one delays a short one by a slice or two.

    More threads would not be faster, because Python runs one at a time, and each would delay the event loop.
    """

    def __init__(self, patience: timedelta) -> None:
        self._thread = ThreadPoolExecutor(1, "worker")
        self._patience = patience.total_seconds()

    async def __call__(self, items: Iterator[T]) -> list[T]:
        """All items. What computes one item is never interrupted.

        Raises Unavailable where all together, waiting included, take longer than the patience.
        """
        loop = asyncio.get_running_loop()
        until = monotonic() + self._patience
        done: list[T] = []
        while more := await loop.run_in_executor(self._thread, _slice, items):
            done += more
            if monotonic() > until:
                raise Unavailable("There is more to compute than this instance can do in time.")
        return done


def _slice(items: Iterator[T]) -> list[T]:
    """The next items, as many as are computed within a slice, and at least one; none at the end."""
    until = monotonic() + SLICE
    done: list[T] = []
    for item in items:
        done.append(item)
        if monotonic() > until:
            break
    return done
