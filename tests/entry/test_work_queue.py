"""Work in turns, asked for over real sockets through functions-framework, by clients that give up."""

import http.client
import json
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import functions_framework.aio
import pytest

from tests.support import serving

FUNCTION = """
    import threading
    import functions_framework.aio
    from fastapi import Request
    from crm.entry.app import create_app, serve
    from crm.entry.work_queue import WorkQueue

    app = create_app("test")
    turns = WorkQueue(1)
    gate = threading.Event()
    done = []

    @app.post("/tasks/{name}")
    async def work(name: str, body: dict[str, int], request: Request) -> dict[str, int]:
        def slow() -> int:
            done.append(name)
            gate.wait(20)
            return body["n"] + 1
        return {"n": await turns.take(request, slow)}

    @app.get("/state")
    async def state() -> list[str]:
        return done

    @app.post("/open")
    async def opened() -> None:
        gate.set()

    handler = serve(app)

    @functions_framework.aio.http
    async def function(request):
        return await handler(request)
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the function above is served."""
    source = tmp_path / "main.py"
    source.write_text(textwrap.dedent(FUNCTION), encoding="utf-8")
    app = functions_framework.aio.create_asgi_app("function", str(source), "http")  # type: ignore[no-untyped-call]
    with serving(app) as url:
        yield urlsplit(url).netloc


def asked(address: str, method: str, path: str, body: object = None) -> http.client.HTTPConnection:
    """A connection on which the request was sent, and nothing read yet."""
    connection = http.client.HTTPConnection(address, timeout=20)
    headers = {"Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    return connection


def told(connection: http.client.HTTPConnection) -> object:
    """The answer."""
    answer = connection.getresponse()
    assert answer.status == 200
    return json.loads(answer.read())


def until(address: str, names: list[str]) -> None:
    """Waits until that work was begun."""
    for _ in range(400):
        if told(asked(address, "GET", "/state")) == names:
            return
        time.sleep(0.02)
    raise AssertionError(told(asked(address, "GET", "/state")))


def test_work_that_nobody_waits_for_any_more_is_not_begun(address: str) -> None:
    first = asked(address, "POST", "/tasks/first", {"n": 1})
    until(address, ["first"])
    stale = [asked(address, "POST", f"/tasks/stale-{number}", {"n": 0}) for number in range(5)]
    last = asked(address, "POST", "/tasks/last", {"n": 2})
    for _ in range(3):  # answered while the work goes on: the event loop is free
        assert told(asked(address, "GET", "/state")) == ["first"]
    for each in stale:
        each.close()
    asked(address, "POST", "/open").getresponse()
    assert told(first) == {"n": 2}
    assert told(last) == {"n": 3}
    assert told(asked(address, "GET", "/state")) == ["first", "last"]
