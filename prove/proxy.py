"""An unreliable proxy between broker, scheduler and vendor on one side and the functions on the other.

It delays pushes, delivers them twice, repeats them much later, or answers with an error although the function
acknowledged. It never acknowledges what no function has acknowledged, because Pub/Sub does not either.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.topology import PUSHES, TICK_FUNCTION, TICK_PATH
from devstack.settings import Ports
from prove.settings import FUNCTION_TIMEOUT
from prove.shuffle import Shuffle

_LIMITS = httpx2.Limits(max_connections=400, max_keepalive_connections=0)
"""A connection a call, because functions close idle connections just as the next call comes."""


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Shares of all pushes; delays in seconds, drawn evenly up to these."""

    delayed: float = 0.15
    longest_delay: float = 1.5
    doubled: float = 0.08
    repeated_later: float = 0.04
    latest: float = 6.0
    answered_with_error: float = 0.03


class UnreliableProxy:
    """Receives pushes, ticks and webhooks on one port and forwards them; `counts` says what was done to
    them."""

    def __init__(self, own: int, functions: Ports, shuffle: Shuffle, seed: int, rates: FaultRates) -> None:
        self._port = own
        self._urls = {push.path: functions.function(push.function) + push.path for push in PUSHES}
        self._urls[TICK_PATH] = functions.function(TICK_FUNCTION) + TICK_PATH
        self._shuffle = shuffle
        self._draw = random.Random(f"post {seed}")
        self._rates = rates
        self._http = httpx2.AsyncClient(timeout=FUNCTION_TIMEOUT, limits=_LIMITS, trust_env=False)
        self._held: set[str] = set()
        self._released = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._last = time.monotonic()
        self._working = 0
        self.counts: Counter[str] = Counter()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve inside the block."""
        routes = [
            Route("/webhooks", self._webhook, methods=["POST"]),
            *(Route(path, self._push, methods=["POST"]) for path in self._urls),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes),
            host="127.0.0.1",
            port=self._port,
            log_level="critical",
            log_config=None,  # else it closes the files of all other loggers
            lifespan="off",
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        async with self._http, self._shuffle.open():
            try:
                yield
            finally:
                for task in self._tasks:
                    task.cancel()
                server.should_exit = server.force_exit = True
                with suppress(asyncio.CancelledError):
                    await serving

    @contextmanager
    def holding(self, *topics: str) -> Iterator[None]:
        """Hold pushes of these topics inside the block; refuse them at its end."""
        self._released.clear()
        self._held = {f"/events/{topic}" for topic in topics}
        try:
            yield
        finally:
            self._held = set()
            self._released.set()

    async def quiet(self, seconds: float) -> None:
        """Return once no push (ticks aside) was in work or arrived for `seconds`, and no copy of a receipt is
        left."""
        while self._working or self._tasks or self._shuffle.copies or self._age() < seconds:
            await asyncio.sleep(0.2)

    def _age(self) -> float:
        return time.monotonic() - self._last

    async def _push(self, request: Request) -> Response:
        if request.url.path == TICK_PATH:
            return await self._pushed(request)
        self.counts["pushes"] += 1
        self._working += 1
        try:
            return await self._pushed(request)
        finally:
            self._working -= 1
            self._last = time.monotonic()

    async def _pushed(self, request: Request) -> Response:
        path, rates = request.url.path, self._rates
        if path in self._held:
            self.counts["held"] += 1
            await self._released.wait()
            return Response(status_code=503)
        body, headers = await request.body(), _headers(request.headers)
        url = f"{self._urls[path]}?{request.url.query}"
        if self._happens(rates.delayed, "delayed"):
            await asyncio.sleep(self._draw.uniform(0, rates.longest_delay))
        if self._happens(rates.doubled, "doubled"):
            self._later(0, self._forward(url, body, headers))
        if self._happens(rates.repeated_later, "repeated later"):
            self._later(self._draw.uniform(0, rates.latest), self._forward(url, body, headers))
        status = await self._forward(url, body, headers)
        if status < 300 and self._happens(rates.answered_with_error, "done, but answered with an error"):
            status = 500
        return Response(status_code=status)

    async def _webhook(self, request: Request) -> Response:
        """Answered as the functions would: once each receipt was delivered."""
        self._last = time.monotonic()
        is_taken = await self._shuffle.take(await request.body())
        return Response(status_code=202 if is_taken else 503)

    async def _forward(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            return (await self._http.post(url, content=body, headers=headers)).status_code
        except httpx2.TimeoutException:
            self.counts["timed out"] += 1
            return 504
        except httpx2.HTTPError:
            self.counts["met a dead function"] += 1
            return 503

    def _happens(self, share: float, what: str) -> bool:
        happens = self._draw.random() < share
        self.counts[what] += happens
        return happens

    def _later(self, seconds: float, work: Coroutine[Any, Any, Any]) -> None:
        async def waiting() -> None:
            await asyncio.sleep(seconds)
            await work

        task = asyncio.create_task(waiting())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Server(uvicorn.Server):
    """Does not install signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in ("content-type", "authorization") if name in headers}
