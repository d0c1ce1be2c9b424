"""Queued work, requested over real sockets through functions-framework by clients that disconnect."""

import http.client
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import functions_framework.aio
import pytest

from tests.support import serving
from tests.waiting import PATIENCE, until

FUNCTION = """
    import threading
    import functions_framework.aio
    from fastapi import Request
    from crm.entry.app import create_app, serve
    from crm.entry.work_queue import WorkQueue
    from tests.support import open_gate

    app = create_app("test")
    open_gate(app)
    queue = WorkQueue(2)
    gate = threading.Event()
    done = []

    @app.post("/tasks/{person}/{name}")
    async def work(person: str, name: str, body: dict[str, int], request: Request) -> dict[str, int]:
        def slow() -> int:
            done.append(name)
            if name != "quick":
                gate.wait(60)
            return body["n"] + 1
        return {"n": await queue.run(request, person, slow)}

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
    """The address of the function above."""
    source = tmp_path / "main.py"
    source.write_text(textwrap.dedent(FUNCTION), encoding="utf-8")
    app = functions_framework.aio.create_asgi_app("function", str(source), "http")  # type: ignore[no-untyped-call]
    with serving(app) as url:
        yield urlsplit(url).netloc


def send(address: str, method: str, path: str, body: object = None) -> http.client.HTTPConnection:
    """Sends the request; returns the connection without reading the answer."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    headers = {"Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    return connection


def read(connection: http.client.HTTPConnection) -> object:
    """The answer's JSON."""
    answer = connection.getresponse()
    assert answer.status == 200
    return json.loads(answer.read())


def test_the_work_of_disconnected_clients_is_skipped(address: str) -> None:
    first = send(address, "POST", "/tasks/ana/first", {"n": 1})
    until(lambda: read(send(address, "GET", "/state")) == ["first"])
    stale = [send(address, "POST", f"/tasks/ana/stale-{number}", {"n": 0}) for number in range(5)]
    last = send(address, "POST", "/tasks/ana/last", {"n": 2})
    for _ in range(3):  # answered during the work: the event loop is free
        assert read(send(address, "GET", "/state")) == ["first"]
    for each in stale:
        each.close()
    send(address, "POST", "/open").getresponse()
    assert read(first) == {"n": 2}
    assert read(last) == {"n": 3}
    assert read(send(address, "GET", "/state")) == ["first", "last"]


def test_another_person_is_served_while_somebody_sends_many(address: str) -> None:
    many = [send(address, "POST", f"/tasks/ana/many-{number}", {"n": number}) for number in range(8)]
    until(lambda: len(read(send(address, "GET", "/state"))) == 1)  # type: ignore[arg-type]
    assert read(send(address, "POST", "/tasks/ben/quick", {"n": 1})) == {"n": 2}
    assert len(read(send(address, "GET", "/state"))) == 2  # type: ignore[arg-type]
    send(address, "POST", "/open").getresponse()
    assert [read(each) for each in many] == [{"n": number + 1} for number in range(8)]
