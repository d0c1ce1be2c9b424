"""Requests need a session of a member and a sufficient role; writes also the header and our own origin."""

import httpx2
import pytest
from fastapi import FastAPI

from crm.access.gate import RouteGate
from crm.access.members import Member, Role, Session
from crm.access.rate_limits import RateLimits
from crm.access.route_rules import RouteRule
from crm.access.session_auth import SessionAuth
from crm.entry.app import create_app
from crm.entry.routing import set_gate
from crm.kernel.errors import Unauthenticated

ORIGIN = "http://web.test"
RULES = {
    "GET /look": RouteRule("viewer"),
    "POST /work": RouteRule("marketer"),
    "DELETE /rule": RouteRule("admin"),
    "POST /enter": RouteRule("visitor"),
}
HEADERS = {"Cookie": "__session=good", "X-Requested-With": "crm"}


class OneSession:
    """Knows the cookie "good"."""

    def verify(self, cookie: str) -> Session:
        if cookie != "good":
            raise Unauthenticated("no")
        return Session(id="s1", email="mira@example.com", name="Mira", subject="sub-1", version="v1")


class OneMember:
    """Has one member, who can be changed. `cached` is what this instance knows; None: the same."""

    def __init__(self, role: Role | None) -> None:
        self.role = role
        self.version = "v1"
        self.cached: Member | None = None
        self.reads = 0

    async def find_cached(self, email: str) -> Member | None:
        return self.cached or await self.find(email)

    async def find(self, email: str) -> Member | None:
        self.reads += 1
        return None if self.role is None else _member(email, self.role, self.version)


def _member(email: str, role: Role, version: str) -> Member:
    return Member(email=email, role=role, subject="sub-1", version=version)


def app_for(members: OneMember) -> FastAPI:
    app = create_app("test")

    @app.get("/look")
    @app.post("/work")
    @app.delete("/rule")
    @app.post("/enter")
    async def done() -> str:
        return "done"

    auth = SessionAuth(OneSession(), lambda: members, [ORIGIN])
    set_gate(app, RouteGate(app, RULES, {"session": auth}, RateLimits()))
    return app


def client_for(members: OneMember) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app_for(members)), base_url="http://function.test"
    )


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("viewer", [200, 403, 403]), ("marketer", [200, 200, 403]), ("admin", [200, 200, 200])],
)
async def test_a_role_includes_the_roles_below_it(role: Role, allowed: list[int]) -> None:
    async with client_for(OneMember(role)) as client:
        answers = [
            await client.get("/look", headers=HEADERS),
            await client.post("/work", headers=HEADERS),
            await client.delete("/rule", headers=HEADERS),
        ]
    assert [answer.status_code for answer in answers] == allowed


async def test_requests_without_a_valid_session_are_refused() -> None:
    async with client_for(OneMember("admin")) as client:
        for cookie in ({}, {"Cookie": "__session=forged"}, {"Cookie": "other=good"}):
            answer = await client.get("/look", headers=cookie)
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_write_needs_the_header_that_other_sites_cannot_set() -> None:
    async with client_for(OneMember("admin")) as client:
        for value in ({}, {"X-Requested-With": "x"}, {"X-Requested-With": "XMLHttpRequest"}):
            answer = await client.post("/work", headers={"Cookie": "__session=good", **value})
            assert answer.status_code == 403
            assert "X-Requested-With: crm" in answer.json()["detail"]
        assert (await client.get("/look", headers={"Cookie": "__session=good"})).status_code == 200


async def test_a_write_of_a_page_that_shows_another_member_is_refused() -> None:
    async with client_for(OneMember("admin")) as client:
        for named in ("other@example.com", "other%40example.com", ""):
            answer = await client.post("/work", headers={**HEADERS, "X-Member": named})
            assert (answer.status_code, "Nothing was changed" in answer.json()["detail"]) == (409, True)
        mine = {**HEADERS, "X-Member": "mira%40example.com"}
        assert (await client.post("/work", headers=mine)).status_code == 200
        assert (await client.get("/look", headers={**HEADERS, "X-Member": "other"})).status_code == 200


@pytest.mark.parametrize("path", ["/work", "/enter"])
@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://web.test.evil.test", ""])
async def test_a_write_from_another_origin_is_refused(path: str, origin: str) -> None:
    async with client_for(OneMember("admin")) as client:
        assert (await client.post(path, headers={**HEADERS, "Origin": origin})).status_code == 403
        assert (await client.post(path, headers={**HEADERS, "Origin": ORIGIN})).status_code == 200
        assert (await client.post(path, headers=HEADERS)).status_code == 200


async def test_a_visitor_needs_no_session_but_the_header() -> None:
    async with client_for(OneMember(None)) as client:
        assert (await client.post("/enter", headers={"X-Requested-With": "crm"})).status_code == 200
        assert (await client.post("/enter")).status_code == 403


async def test_a_removal_or_a_lower_role_applies_from_the_next_request() -> None:
    members = OneMember("marketer")
    async with client_for(members) as client:
        assert (await client.post("/work", headers=HEADERS)).status_code == 200
        members.role = "viewer"
        assert (await client.post("/work", headers=HEADERS)).status_code == 403
        members.role = None
        assert (await client.get("/look", headers=HEADERS)).status_code == 401


async def test_a_session_that_began_after_the_member_was_cached_holds() -> None:
    members = OneMember("viewer")
    members.cached = _member("mira@example.com", "viewer", "v0")
    async with client_for(members) as client:
        assert (await client.get("/look", headers=HEADERS)).status_code == 200


async def test_an_ended_session_costs_a_read_or_two_and_then_none() -> None:
    members = OneMember("viewer")
    members.version = "v2"
    async with client_for(members) as client:
        for _ in range(5):
            assert (await client.get("/look", headers=HEADERS)).status_code == 401
    assert members.reads == 2


async def test_no_response_may_be_cached() -> None:
    async with client_for(OneMember("viewer")) as client:
        for path in ("/look", "/nowhere"):
            answer = await client.get(path, headers=HEADERS)
            assert answer.headers["cache-control"] == "private, no-store"
