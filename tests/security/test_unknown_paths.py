"""A path that no route has is answered before anything is read: no body, no credential, no document.

So it needs no limit.
"""

from collections.abc import MutableMapping
from typing import Any

import pytest

from bench.counting import Asked, counted
from crm.topology import FUNCTIONS
from tests.functions.test_ready import SETTINGS
from tests.identity import session_headers
from tests.support import load_function

pytestmark = pytest.mark.emulator

UNKNOWN = ("/", "/nothing", "/api/v1/nothing", "/api/v1/customers/a/b/c", "/events/nothing", "/v1/nothing")

METHODS = ("GET", "POST", "PUT", "DELETE")


@pytest.fixture(params=FUNCTIONS)
def function(request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"CRM_{name}", value)
    return str(request.param)


async def answered(app: Any, method: str, path: str, headers: MutableMapping[str, str]) -> int:
    """The status of a call whose body must not be asked for."""
    found: list[int] = []

    async def receive() -> Any:
        raise AssertionError(f"{method} {path} reads a body")

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
        "server": ("function.test", 443),
        "state": {},
    }
    await app(scope, receive, send)
    return found[0]


async def test_an_unknown_path_is_answered_without_any_work(function: str, project: str) -> None:
    handler = await load_function(function).handler(None)
    headers = {
        **await session_headers(project, "admin"),
        "Authorization": "Bearer e30.1.x",
        "Content-Type": "application/json",
        "Content-Length": "10000000",
    }
    asked = Asked()
    with counted(asked):
        for method in METHODS:
            for path in UNKNOWN:
                assert await answered(handler, method, path, headers) == 404, (method, path)
    assert asked == Asked()


async def test_an_unknown_method_of_a_path_is_answered_without_any_work(function: str) -> None:
    handler = await load_function(function).handler(None)
    asked = Asked()
    with counted(asked):
        assert await answered(handler, "PATCH", "/health", {"Content-Length": "10000000"}) == 405
    assert asked == Asked()
