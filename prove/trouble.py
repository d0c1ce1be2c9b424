"""Faults from outside: functions killed at random, emulators that hang."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from devstack.processes import Child
from prove.faults import Kill
from prove.stage import Stage

_WATCH_EVERY = 0.1


class Trouble:
    """Injects faults into a stack; `kills` and `frozen` (name, seconds) record them."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage = stage
        self._draw = random.Random(f"trouble {seed}")
        self.kills: list[Kill] = []
        self.frozen: list[tuple[str, float]] = []

    @asynccontextmanager
    async def random_kills(self, every: float, functions: Sequence[str]) -> AsyncIterator[None]:
        """Kill one of these functions about every `every` seconds, inside the block.

        A function that is still starting is spared: on a busy machine they would do nothing but start.
        """

        async def killing() -> None:
            while True:
                await asyncio.sleep(self._draw.uniform(0.5, 1.5) * every)
                function = self._draw.choice(functions)
                if function not in await asyncio.to_thread(self._stage.functions.deaf):
                    self.kill(function)

        async with in_background(killing()):
            yield

    def kill(self, function: str) -> None:
        """End a function's processes by SIGKILL, whatever they are doing."""
        self._stage.functions.children[function].kill()
        self.kills.append(Kill(function, f"{function}: at random"))

    async def freeze(self, name: str, seconds: float) -> None:
        """Stop an emulator ("firestore", "pubsub") for `seconds`, so that calls to it hang."""
        child = self._stage.emulators.firestore if name == "firestore" else self._stage.pubsub
        if child is None:
            return
        self.frozen.append((name, seconds))
        await _frozen(child, seconds)


async def _frozen(child: Child, seconds: float) -> None:
    """A shell continues it, so that it goes on even if this program is killed meanwhile."""
    resume = 'sleep "$0"; kill -s CONT -- "-$1"'
    shell = await asyncio.create_subprocess_exec("/bin/sh", "-c", resume, str(seconds), str(child.group))
    os.killpg(child.group, signal.SIGSTOP)
    await shell.wait()


@asynccontextmanager
async def watched(watch: Callable[[], None]) -> AsyncIterator[None]:
    """Call `watch` repeatedly inside the block, so that it restarts what has died. Raises what it raises."""

    async def watching() -> None:
        while True:
            watch()
            await asyncio.sleep(_WATCH_EVERY)

    async with in_background(watching()):
        yield


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` concurrently with the block; an error of either ends both, as an ExceptionGroup."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        yield
        task.cancel()


def messages(error: BaseException) -> Iterator[str]:
    """The messages of a group's errors, nested or not."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from messages(each)
    else:
        yield str(error)
