"""Before all instances of each function: calls go to them in turn, as Cloud Run's front end shares traffic.

Runs in a thread of its own. It listens where the gateway, the broker and the scheduler look for a function.
"""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import httpcore2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.entry.health import LIVE, READY
from crm.entry.problems import problem
from crm.topology import TICK_PATH
from devstack.answered_early import SocketBackend
from devstack.gateway import METHODS, forward
from devstack.settings import Ports

_HEALTH: Final = frozenset({LIVE, READY})
"""Paths of health checks, which are no part of a function's work."""


@dataclass(frozen=True, slots=True)
class Backend:
    """An instance that may be called."""

    version: str
    url: str


@dataclass(slots=True)
class _Traffic:
    """Of one function. `calls` counts by version, `failed` by version and status."""

    backends: Sequence[Backend] = ()
    turns: Iterator[int] = field(default_factory=count)
    calls: Counter[str] = field(default_factory=Counter)
    failed: Counter[tuple[str, int]] = field(default_factory=Counter)


class Front:
    """Which instances serve each function now, and how often each was called."""

    def __init__(self, ports: Ports, clock: Callable[[], float] = time.monotonic) -> None:
        self._ports = ports
        self._names: Mapping[int, str] = {port: name for name, port in ports.functions.items()}
        self._traffic = {name: _Traffic() for name in ports.functions}
        self._pushing = 0
        self._clock = clock
        self._last_push = clock()
        self._lock = threading.Lock()
        # A connection a call: an instance closes one that is idle just as the next call comes.
        self._pool = httpcore2.AsyncConnectionPool(
            max_connections=400, max_keepalive_connections=0, network_backend=SocketBackend()
        )

    @contextmanager
    def open(self) -> Iterator[None]:
        """Serve inside the block."""
        sockets = [socket.create_server(("127.0.0.1", port), backlog=512) for port in self._names]
        app = Starlette(routes=[Route("/{path:path}", self._call, methods=METHODS)], lifespan=self._with_pool)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2, ws="none"))
        thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            for each in sockets:
                each.close()

    def serve(self, function: str, backends: Sequence[Backend]) -> None:
        """From now on calls of a function go to these alone. Calls under way are finished."""
        with self._lock:
            self._traffic[function].backends = tuple(backends)

    @property
    def functions(self) -> Sequence[str]:
        """The names of all functions, of whatever version."""
        return tuple(self._traffic)

    def calls(self, function: str) -> Counter[str]:
        """Version → how many calls it got so far, health checks aside."""
        with self._lock:
            return Counter(self._traffic[function].calls)

    def failed(self) -> Counter[str]:
        """Answers with a 5xx, by function, version and status."""
        with self._lock:
            return Counter(
                {
                    f"{name} {version} {status}": times
                    for name, traffic in self._traffic.items()
                    for (version, status), times in traffic.failed.items()
                }
            )

    def quiet_for(self) -> float:
        """Seconds since the last push, ticks aside, was answered; 0 while one is under way."""
        with self._lock:
            return 0.0 if self._pushing else self._clock() - self._last_push

    async def quiet(self, seconds: float) -> None:
        """Return once no push, ticks aside, was in work for so long."""
        while self.quiet_for() < seconds:
            await asyncio.sleep(0.2)

    async def _call(self, request: Request) -> Response:
        name = self._names[request.scope["server"][1]]
        path = request.url.path
        is_push = path.startswith("/events/") and path != TICK_PATH
        with self._lock:
            traffic = self._traffic[name]
            if not traffic.backends:
                return problem(503, "No instance serves this function.")
            chosen = traffic.backends[next(traffic.turns) % len(traffic.backends)]
            traffic.calls[chosen.version] += path not in _HEALTH
            self._pushing += is_push
        status = 0
        try:
            answer = await forward(self._pool, chosen.url, request)
            status = answer.status_code
        finally:
            with self._lock:
                self._pushing -= is_push
                if is_push:
                    self._last_push = self._clock()
                if status >= 500:
                    traffic.failed[chosen.version, status] += 1
        return answer

    @asynccontextmanager
    async def _with_pool(self, _: Starlette) -> AsyncIterator[None]:
        async with self._pool:
            yield
