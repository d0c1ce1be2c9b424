"""A stage for use cases: each runs as a worker that can be stopped before and after any call to a dependency.

A call has two gates: one before it takes effect, one between the effect and the answer. A worker is started
with the stops for its gates.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, Literal, NoReturn, ParamSpec, TypeVar

from crm.kernel.errors import Conflict, Unavailable

Fault = Literal["away", "echo", "throttled", "refused", "broken", "killed", "hangs"]
"""What may happen at a gate.

`away`: the dependency does not answer. `echo`: its answer was lost and the client repeated the call, so a
compare-and-set meets its own effect. `throttled` and `refused` are for the vendor; for others they mean
`away`. `broken`: an unexpected exception. `killed`: the worker does nothing more. `hangs`: it goes on later.
"""
FAULTS: tuple[Fault, ...] = ("away", "echo", "throttled", "refused", "broken", "killed", "hangs")

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stop:
    """A fault after passing so many gates."""

    gates: int
    fault: Fault


class Broken(Exception):
    """An unexpected exception."""


class Worker:
    """One run of a use case. `outcome` is what it raised, if it is over; `began_at`, `claimed_at` and
    `now`, the time that it was given, are for the stores and the vendor."""

    def __init__(self, stops: Sequence[Stop]) -> None:
        self.stops = list(stops)
        self.task: asyncio.Task[Any] | None = None
        self.halted: asyncio.Future[None] | None = None
        self.resume: list[asyncio.Future[None]] = []
        self.is_killed = False
        self.began_at = 0
        self.claimed_at = 0
        self.now = datetime(1970, 1, 1, tzinfo=UTC)

    @property
    def is_over(self) -> bool:
        return self.task is not None and self.task.done()

    @property
    def outcome(self) -> BaseException | None:
        assert self.task is not None
        return self.task.exception()

    async def pass_gate(self) -> Fault | None:
        """Pass, or stop here. The fault if the dependency has to act on it; else it has happened to the
        worker."""
        if self.is_killed:
            await self._halt()
        if not self.stops:
            return None
        stop = self.stops[0]
        if stop.gates:
            self.stops[0] = Stop(stop.gates - 1, stop.fault)
            return None
        del self.stops[0]
        if stop.fault == "broken":
            raise Broken
        if stop.fault not in ("killed", "hangs"):
            return stop.fault
        self.is_killed = stop.fault == "killed"
        await self._halt()
        return None

    async def _halt(self) -> None:
        loop = asyncio.get_running_loop()
        self.resume.append(loop.create_future())
        if self.halted is not None and not self.halted.done():
            self.halted.set_result(None)
        await self.resume[-1]


_on_stage: ContextVar[Worker | None] = ContextVar("on_stage", default=None)


def worker() -> Worker:
    """The worker that makes this call. Outside a stage, one without stops."""
    return _on_stage.get() or Worker(())


class Stage:
    """Runs workers one at a time, each until it is over or halted."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._all: list[Worker] = []

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]], stops: Sequence[Stop] = ()) -> Worker:
        made = Worker(stops)
        context = copy_context()
        context.run(_on_stage.set, made)
        made.task = self._loop.create_task(work(), context=context)
        self._all.append(made)
        self._run(made)
        return made

    def go_on(self, halted: Worker, stops: Sequence[Stop] = ()) -> None:
        """Let a worker that hangs go on."""
        halted.stops = list(stops)
        resume, halted.resume = halted.resume, []
        for each in resume:
            each.set_result(None)
        self._run(halted)

    def close(self) -> None:
        """Cancel workers that still hang, without letting them do anything more."""
        for each in self._all:
            each.is_killed = True
            assert each.task is not None
            if not each.task.done():
                each.task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _run(self, running: Worker) -> None:
        assert running.task is not None
        running.halted = self._loop.create_future()
        either = asyncio.wait({running.task, running.halted}, return_when=asyncio.FIRST_COMPLETED)
        self._loop.run_until_complete(either)


def asked(
    echo: Callable[[], Any],
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], Coroutine[Any, Any, T]]]:
    """Turn an immediate effect into a call to a dependency. `echo` makes the answer to a repeated call whose
    first answer was lost."""

    def made(effect: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
        async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if _on_stage.get() is None:
                await asyncio.sleep(0)
            if await worker().pass_gate() is not None:
                away()
            answer = effect(self, *args, **kwargs)
            fault = await worker().pass_gate()
            if fault == "echo":
                return echo()  # type: ignore[no-any-return]
            if fault is not None:
                away()
            return answer

        return call

    return made


def away() -> NoReturn:
    raise Unavailable("The dependency does not answer.")


def conflict() -> NoReturn:
    raise Conflict("Another call was faster: the first try of this one.")
