"""Every route of every function, called with nothing to show, is refused before anything is read or found."""

from collections.abc import Iterator

import httpx2
import pytest

from crm.access.route_rules import RULES_OF, RouteRule
from crm.entry.headers import SECURITY
from crm.topology import FUNCTIONS
from tests.functions.test_ready import SETTINGS
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

NEEDS_NOTHING = {"public", "visitor", "token"}
JSON = {"Content-Type": "application/json", "X-Requested-With": "crm"}
FORGED = {
    "Cookie": "__session=WyJhQGV4YW1wbGUuY29tIiwiQSJd.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "Authorization": "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.AAAA",
    "webhook-id": "msg_1",
    "webhook-timestamp": "1",
    "webhook-signature": "v1,AAAA",
}


@pytest.fixture(params=FUNCTIONS)
def function(request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"CRM_{name}", value)
    return str(request.param)


def routes(function: str) -> Iterator[tuple[str, str, RouteRule]]:
    for route, rule in RULES_OF[function].items():
        method, path = route.split(" ")
        yield method, path.replace("{", "").replace("}", ""), rule


async def test_each_route_refuses_who_shows_nothing(function: str) -> None:
    async with client_of(load_function(function)) as http:
        for method, path, rule in routes(function):
            if rule.needs in NEEDS_NOTHING:
                continue
            for headers in (JSON, {**JSON, **FORGED}):
                for content in (b"", b"{", b"\xff", b"[" * 20_000, b"x" * 20_000_000):
                    answer = await http.request(method, path, headers=headers, content=content)
                    assert answer.status_code == 401, (method, path, content[:5], answer.text)
                    assert answer.headers["content-type"] == "application/problem+json"


async def test_each_answer_has_the_security_headers(function: str) -> None:
    async with client_of(load_function(function)) as http:
        answers = [
            *[await http.request(method, path, headers=JSON) for method, path, _ in routes(function)],
            await http.get("/nothing-of-that-name"),
            await http.request("PATCH", "/health"),
            await http.request("PROPFIND", "/health"),
        ]
    for answer in answers:
        assert_secure(answer)


def assert_secure(answer: httpx2.Response) -> None:
    own = answer.url.path.endswith(("/docs", "/start.js", ".css")) or "/unsubscribe/" in answer.url.path
    for name, value in SECURITY.items():
        if not (own and name in ("Content-Security-Policy", "Cache-Control")):
            assert answer.headers[name] == value, (answer.url, name)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
