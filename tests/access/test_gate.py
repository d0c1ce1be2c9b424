"""An app starts only where every route has one rule, and is called only as the rule says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from crm.access.gate import MAX_FILES, RouteGate
from crm.access.rate_limits import RateLimits
from crm.access.route_rules import FILE, RouteRule
from crm.entry.app import create_app
from crm.entry.routing import Router, set_gate
from crm.kernel.errors import Unauthenticated

PUBLIC = {"GET /things": RouteRule("public"), "POST /things/{name}": RouteRule("public")}


def app_with(router: APIRouter) -> FastAPI:
    async def thing() -> str:
        return "thing"

    router.add_api_route("/things", thing, methods=["GET"])
    router.add_api_route("/things/{name}", thing, methods=["POST"])
    app = create_app("test")
    app.include_router(router)
    return app


def test_an_app_with_a_rule_for_each_route_starts() -> None:
    RouteGate(app_with(Router()), PUBLIC, {}, RateLimits())


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ({"GET /things": RouteRule("public")}, "no rule"),
        ({**PUBLIC, "DELETE /things": RouteRule("public")}, "no route"),
        ({**PUBLIC, "GET /things": RouteRule("admin")}, "nothing checks session"),
        ({**PUBLIC, "GET /things": RouteRule("push")}, "nothing checks push"),
    ],
)
def test_an_app_with_a_gap_in_its_rules_does_not_start(rules: Mapping[str, RouteRule], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        RouteGate(app_with(Router()), rules, {}, RateLimits())


def test_a_route_that_asks_no_gate_does_not_start() -> None:
    with pytest.raises(ValueError, match="not a gated route"):
        RouteGate(app_with(APIRouter()), PUBLIC, {}, RateLimits())


async def test_without_a_gate_nothing_is_answered() -> None:
    transport = httpx2.ASGITransport(app=app_with(Router()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://function.test") as http:
        assert (await http.get("/things")).status_code == 500


async def test_a_refused_call_is_answered_before_its_body_is_read() -> None:
    async def refuse(request: Request, rule: RouteRule, _: Callable[[], None]) -> None:
        raise Unauthenticated("Who are you?")

    app = app_with(Router())
    set_gate(
        app,
        RouteGate(app, {**PUBLIC, "POST /things/{name}": RouteRule("push")}, {"push": refuse}, RateLimits()),
    )
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"{" * 1000
            await asyncio.sleep(0)

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://function.test") as http:
        answer = await http.post("/things/a", content=body())
    assert (answer.status_code, answer.headers["connection"], read) == (401, "close", 0)


async def test_more_files_than_a_process_has_room_for_are_refused_before_they_are_read() -> None:
    received = asyncio.Event()
    finish = asyncio.Event()

    async def take(name: str, request: Request) -> int:
        received.set()
        await finish.wait()
        return len(await request.body())

    async def thing() -> str:
        return "thing"

    router = Router()
    router.add_api_route("/things", thing, methods=["GET"])
    router.add_api_route("/things/{name}", take, methods=["POST"])
    app = create_app("test")
    app.include_router(router)
    rules = {**PUBLIC, "POST /things/{name}": RouteRule("public", FILE, rate=None)}
    set_gate(app, RouteGate(app, rules, {}, RateLimits()))
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"file"

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://function.test") as http:
        held = [asyncio.create_task(http.post("/things/a", content=b"file")) for _ in range(MAX_FILES)]
        await received.wait()
        await asyncio.sleep(0.05)
        refused = await http.post("/things/a", content=body())
        assert (refused.status_code, refused.headers["retry-after"], read) == (503, "10", 0)
        assert (await http.get("/things")).status_code == 200
        finish.set()
        assert {answer.status_code for answer in await asyncio.gather(*held)} == {200}
        assert (await http.post("/things/a", content=body())).json() == 4
