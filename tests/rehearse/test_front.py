"""Calls go to the instances of a function in turn, and are counted."""

from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from devstack.processes import free_port
from devstack.settings import Ports
from rehearse.front import Backend, Front
from tests.support import serving

PORTS = Ports(free_port(), {"ingest": free_port(), "consumer": free_port()})


def named(name: str) -> Starlette:
    async def answer(request: Request) -> Response:
        code = 503 if request.url.path == "/broken" else 200
        return PlainTextResponse(f"{name} {request.url.path}?{request.url.query}", code)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


@pytest.fixture
def backends() -> Iterator[tuple[Backend, Backend]]:
    with serving(named("old")) as one, serving(named("new")) as other:
        yield Backend("1", one), Backend("2", other)


@pytest.fixture
def front() -> Iterator[Front]:
    made = Front(PORTS)
    with made.open():
        yield made


def ask(path: str, function: str = "ingest") -> httpx2.Response:
    return httpx2.get(f"{PORTS.function(function)}{path}", trust_env=False)


def test_both_versions_are_called_in_turn_and_then_the_new_one_alone(
    front: Front, backends: tuple[Backend, Backend]
) -> None:
    front.serve("ingest", backends)
    assert sorted(ask("/a?b=1").text for _ in range(4)) == ["new /a?b=1"] * 2 + ["old /a?b=1"] * 2

    front.serve("ingest", backends[1:])
    assert {ask("/a").text for _ in range(4)} == {"new /a?"}
    assert front.calls("ingest") == {"1": 2, "2": 6}


def test_questions_about_health_are_no_calls_and_failures_are_counted(
    front: Front, backends: tuple[Backend, Backend]
) -> None:
    front.serve("ingest", backends[:1])

    assert ask("/health").status_code == 200
    assert ask("/broken").status_code == 503
    assert front.calls("ingest") == {"1": 1}
    assert front.failed() == {"ingest 1 503": 1}


def test_a_function_without_instances_answers_503(front: Front) -> None:
    assert ask("/a", "consumer").status_code == 503


def test_only_pushes_end_the_quiet(backends: tuple[Backend, Backend]) -> None:
    now = 100.0
    front = Front(PORTS, lambda: now)
    with front.open():
        front.serve("consumer", backends[:1])
        now = 105.0
        ask("/events/tick", "consumer")
        ask("/api/v1/overview", "consumer")
        assert front.quiet_for() == 5.0

        ask("/events/records", "consumer")
        assert front.quiet_for() == 0.0
        now = 107.0
        assert front.quiet_for() == 2.0
