"""What tests share: loading a function as functions-framework would, and talking to it."""

import asyncio
import importlib
import importlib.util
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx2
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request

from crm.entry.body_limits import LimitedBody
from crm.entry.routing import set_gate

ROOT = Path(__file__).resolve().parent.parent
PUBLIC_URL = "https://crm.example.com"
ID_KEY = "a key for tests from which the keys of customers follow"
UNSUBSCRIBE_KEY = "a key for tests that signs links in messages"


def load_function(name: str) -> ModuleType:
    """`functions/<name>/main.py` as a new module, its folder importable. It reads the environment now."""
    folder = _importable(name)
    spec = importlib.util.spec_from_file_location(f"function_{name}_{uuid4().hex}", folder / "main.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def part_of(function: str, module: str) -> ModuleType:
    """A module of the package next to a function's main.py, such as `vendor_sim.outcomes`."""
    _importable(function)
    return importlib.import_module(module)


def _importable(function: str) -> Path:
    folder = ROOT / "functions" / function
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return folder


def client_of(module: ModuleType, **options: object) -> httpx2.AsyncClient:
    """An HTTP client of the function's app, in process, through its whole ASGI stack."""
    return _client_of(module.app, **options)


def guarded_client_of(module: ModuleType, **options: object) -> httpx2.AsyncClient:
    """The same for what functions-framework is given, which also names in each line what a call is about."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (await module.handler(None))(scope, receive, send)

    return _client_of(app, **options)


def _client_of(app: Any, **options: object) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://function.test", **options)  # type: ignore[arg-type]


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """An ASGI app on a real port, in a thread of its own; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    # The listener queues calls that come before the server accepts them.
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


class _OpenGate:
    def __init__(self, max_body: int) -> None:
        self._max_body = max_body

    async def admit(self, request: Request, route: APIRoute) -> Request:
        return Request(request.scope, LimitedBody(request, self._max_body))

    def room(self, route: APIRoute) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def note_refusal(self, request: Request, route: APIRoute) -> None:
        """Count nothing."""

    def describe(self, document: dict[str, Any]) -> None:
        """Say nothing."""


def open_gate(app: FastAPI, max_body: int = 2**20) -> None:
    """Let everybody call `app`, with bodies of up to `max_body` bytes."""
    set_gate(app, _OpenGate(max_body))


async def no_pause(_: int) -> None:
    """Let other tasks run, instead of waiting before another attempt."""
    await asyncio.sleep(0)
