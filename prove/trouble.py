"""Trouble from outside: functions killed at random, emulators that hang."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from devstack.processes import Child
from prove.faults import Kill
from prove.stage import Stage

_WATCH_EVERY = 0.1


class Trouble:
    """Makes trouble for a stage; `kills` and `frozen` (what, seconds) say what it did."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage = stage
        self._draw = random.Random(f"trouble {seed}")
        self.kills: list[Kill] = []
        self.frozen: list[tuple[str, float]] = []

    @asynccontextmanager
    async def random_kills(self, every: float, functions: Sequence[str]) -> AsyncIterator[None]:
        """While inside, one of these functions dies about every so many seconds.

        One that is not up yet is spared: on a busy machine they would do nothing but start.
        """

        async def killing() -> None:
            while True:
                await asyncio.sleep(self._draw.uniform(0.5, 1.5) * every)
                function = self._draw.choice(functions)
                if function not in await asyncio.to_thread(self._stage.functions.deaf):
                    self.kill(function)

        async with beside(killing()):
            yield

    def kill(self, function: str) -> None:
        """End a function's processes by SIGKILL, wherever they are."""
        self._stage.functions.children[function].kill()
        self.kills.append(Kill(function, f"{function}: at random"))

    async def freeze(self, name: str, seconds: float) -> None:
        """Let every call to an emulator ("firestore", "pubsub") hang: SIGSTOP, and SIGCONT after a while."""
        child = self._stage.emulators.firestore if name == "firestore" else self._stage.pubsub
        if child is None:
            return
        self.frozen.append((name, seconds))
        await _frozen(child, seconds)


async def _frozen(child: Child, seconds: float) -> None:
    """A shell wakes it up: it does so even if this program is killed meanwhile."""
    wake = 'sleep "$0"; kill -s CONT -- "-$1"'
    shell = await asyncio.create_subprocess_exec("/bin/sh", "-c", wake, str(seconds), str(child.group))
    os.killpg(child.group, signal.SIGSTOP)
    await shell.wait()


@asynccontextmanager
async def watched(stage: Stage) -> AsyncIterator[None]:
    """While inside, dead functions are started again. Raises StackError where that is not possible."""

    async def watching() -> None:
        while True:
            stage.watch()
            await asyncio.sleep(_WATCH_EVERY)

    async with beside(watching()):
        yield


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """While inside, `work` goes on; what it raises ends both, in an ExceptionGroup."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        yield
        task.cancel()
