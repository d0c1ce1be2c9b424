"""Nobody makes a function large or slow by what they post: neither without credentials nor as a viewer."""

import asyncio
import base64
import gzip
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from crm.access.route_rules import MIB, RULES_OF
from crm.entry.body_limits import FIRST_SECONDS
from crm.entry.headers import SECURITY
from crm.topology import FUNCTIONS
from tests.identity import SESSION_SECRET, session_headers
from tests.security.bodies import KINDS
from tests.security.served import Answer, Served, call, pinging, serving

pytestmark = pytest.mark.emulator

SIZE = 9_700 * 1024
JSON = {"Content-Type": "application/json", "X-Requested-With": "crm"}

MOST_SENT = 6 * MIB
"""What fits into the buffers of two sockets, and is written before the answer is seen."""

MOST_MEMORY = 1.3
"""Times what the idle function holds."""

MOST_BLOCKED = 0.25
"""Seconds that the event loop may be held."""

PROJECT = f"test-{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def functions(emulators: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    settings = {
        "CRM_PROJECT": PROJECT,
        "CRM_SESSION_SECRETS": SESSION_SECRET,
    }
    with serving(tmp_path_factory.mktemp("served"), settings) as found:
        yield found


@pytest.fixture(scope="module")
def viewer(emulators: None) -> dict[str, str]:
    return asyncio.run(session_headers(PROJECT, "viewer"))


def writes(function: str) -> list[tuple[str, str]]:
    """Method, path and need of the routes of a function that may take a body."""
    routes = [route.split(" ") for route in RULES_OF[function]]
    return [(method, path.replace("{", "").replace("}", "")) for method, path in routes if method != "GET"]


async def settle(served: Served) -> int:
    """Let the function load what it loads on first use; its resident memory then."""
    for method, path in writes(served.name):
        await call(served.port, method, path, JSON, b"{}")
    served.forget_peak()
    return served.resident()


@asynccontextmanager
async def harmless(served: Served) -> AsyncIterator[None]:
    """What is done in the block leaves the function small, and its event loop free."""
    idle = await settle(served)
    async with pinging(served) as took:
        yield
    assert served.peak() <= MOST_MEMORY * idle, (served.peak() / MIB, idle / MIB)
    assert max(took) < MOST_BLOCKED, sorted(took)[-5:]


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_who_shows_nothing_costs_nothing(functions: dict[str, Served], function: str) -> None:
    served = functions[function]
    answers: dict[str, Answer] = {}
    async with harmless(served):
        for kind, made in KINDS.items():
            body = made(SIZE)
            for method, path in writes(function):
                # What is refused unread is refused whatever it is.
                if kind == "small lists" or path == "/api/v1/session":
                    for declared in (True, False):
                        answer = await call(served.port, method, path, JSON, body, declared=declared)
                        answers[f"{method} {path}, {kind}, declared {declared}"] = answer

    # Signing out and asking for a nonce need no session and read no body.
    open_to_all = ("DELETE /api/v1/session,", "POST /api/v1/session/nonce,")
    others = [answer for name, answer in answers.items() if not name.startswith(open_to_all)]
    assert {answer.status for answer in others} <= {401, 404, 413}
    assert [name for name, answer in answers.items() if answer.sent > MOST_SENT] == []
    assert [name for name, answer in answers.items() if answer.headers.get("connection") != "close"] == []


VIEWED = ["/audience/preview", "/audience/explain", "/messages/preview"]
"""Where a viewer posts JSON."""


@pytest.mark.parametrize("path", VIEWED)
async def test_a_viewer_costs_little(
    functions: dict[str, Served], viewer: Mapping[str, str], path: str
) -> None:
    served, route = functions["campaigns"], f"POST /api/v1{path}"
    most = RULES_OF["campaigns"][route].max_body
    headers = {**JSON, **viewer}
    await call(served.port, "POST", f"/api/v1{path}", headers, b"{}")  # looks the member up
    statuses = {}
    async with harmless(served):
        for kind, made in KINDS.items():
            for size in (SIZE, most - 1000):
                for declared in (True, False):
                    answer = await call(
                        served.port, "POST", f"/api/v1{path}", headers, made(size), declared=declared
                    )
                    statuses[f"{kind}, {size}, declared {declared}"] = answer.status
                    assert len(answer.problem.get("errors", [])) <= 20  # type: ignore[arg-type]

    assert {statuses.pop(name) for name in list(statuses) if f"{SIZE}" in name} == {413}
    assert set(statuses.values()) <= {400, 422}, statuses


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/robots.txt", 404),
        ("GET", "/favicon.ico", 404),
        ("TRACE", "/health", 405),
        ("PROPFIND", "/", 405),
    ],
)
async def test_what_the_framework_answers_itself_has_the_headers_too(
    functions: dict[str, Served], method: str, path: str, status: int
) -> None:
    answer = await call(functions["vendor"].port, method, path)
    assert (answer.status, answer.problem["status"]) == (status, status)
    assert {name: answer.headers.get(name.lower()) for name in SECURITY} == dict(SECURITY)


def forged() -> dict[str, str]:
    """Headers of a webhook that look as if they could hold."""
    signature = "v1," + base64.b64encode(bytes(32)).decode()
    return {
        **JSON,
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": signature,
    }


async def test_a_forged_signature_costs_little(functions: dict[str, Served]) -> None:
    """The body has to be read, for the signature covers it: within a bound for each call and for all."""
    served = functions["receipts"]
    most = RULES_OF["receipts"]["POST /api/v1/receipts"].max_body
    body = bytes(most)
    async with harmless(served):
        for _ in range(10):
            assert (await call(served.port, "POST", "/api/v1/receipts", forged(), body)).status == 401

    idle = served.resident()
    calls = [call(served.port, "POST", "/api/v1/receipts", forged(), body) for _ in range(60)]
    answers = await asyncio.gather(*calls)
    assert served.peak() <= MOST_MEMORY * idle
    others = [answer for answer in answers if answer.status not in (401, 503)]
    assert others == [], (others[:1], served.child.obituary("answered so"))
    assert any(answer.status == 401 for answer in answers)
    assert all(answer.headers.get("retry-after") for answer in answers if answer.status == 503)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-id": ""},
        {"webhook-signature": ""},
    ],
)
async def test_a_signature_that_cannot_hold_is_refused_unread(
    functions: dict[str, Served], wrong: Mapping[str, str]
) -> None:
    answer = await call(
        functions["receipts"].port, "POST", "/api/v1/receipts", {**forged(), **wrong}, bytes(2 * MIB - 1)
    )
    assert (answer.status, answer.headers["connection"]) == (401, "close")


@pytest.mark.parametrize(
    ("function", "path"), [("campaigns", "/api/v1/session"), ("receipts", "/api/v1/receipts")]
)
async def test_a_compressed_body_is_refused_as_such(
    functions: dict[str, Served], function: str, path: str
) -> None:
    headers = {**forged(), "Content-Encoding": "gzip"}
    answer = await call(functions[function].port, "POST", path, headers, gzip.compress(b"{}"))
    assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")
    assert "Content-Encoding" in str(answer.problem["detail"])


async def test_a_byte_a_second_is_not_waited_for(functions: dict[str, Served]) -> None:
    """Sixty connections to a route that reads: each is answered when its time is over."""

    async def trickle(served: Served, path: str, headers: Mapping[str, str]) -> tuple[Answer, float]:
        since = time.monotonic()
        answer = await call(served.port, "POST", path, headers, b"{" * 15_000, pause=1)
        return answer, time.monotonic() - since

    slow = [trickle(functions["campaigns"], "/api/v1/session", JSON) for _ in range(30)]
    slow += [trickle(functions["receipts"], "/api/v1/receipts", forged()) for _ in range(30)]
    for answer, took in await asyncio.gather(*slow):
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert FIRST_SECONDS - 1 < took < FIRST_SECONDS + 5
