"""Every route, called with every kind of credential: only those let in that its rule names."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta

import httpx2
import pytest

from crm.access.api_keys import SCOPES, Scope
from crm.access.members import ROLES, Member, Role, allows, member_id
from crm.access.route_rules import RULES_OF, RouteRule
from crm.access.session_auth import COOKIE
from crm.access.sessions import LIFETIME, Sessions
from crm.access.store.api_keys import ApiKeys, new_id
from crm.access.store.members import Members
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.test_ready import SETTINGS
from tests.identity import ORIGIN, SESSION_SECRET, session_headers
from tests.support import client_of, load_function

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("session_secret")]

Headers = Mapping[str, str]
JSON = {"Content-Type": "application/json", "Origin": ORIGIN}
STOPPED = (401, 403)


@pytest.fixture(params=("campaigns", "summarize", "ingest"))
async def function(
    request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, httpx2.AsyncClient]]:
    for name, value in SETTINGS.items():
        if name not in ("SESSION_SECRETS", "ORIGINS"):
            monkeypatch.setenv(f"CRM_{name}", value)
    async with client_of(load_function(request.param)) as http:
        yield request.param, http


def guarded(function: str) -> Iterator[tuple[str, str, RouteRule]]:
    """Method, path and rule of what a session or a key opens."""
    for route, rule in RULES_OF[function].items():
        method, path = route.split(" ")
        if rule.needs in ROLES or rule.needs in SCOPES:
            yield method, path.replace("{", "").replace("}", ""), rule


async def statuses(function: tuple[str, httpx2.AsyncClient], headers: Headers) -> dict[str, int]:
    """What each guarded route answers, by method and path."""
    name, http = function
    found = {}
    for method, path, _ in guarded(name):
        answer = await http.request(method, path, headers={**JSON, **headers}, content=b"{}")
        found[f"{method} {path}"] = answer.status_code
    return found


async def ended_sessions(project: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Headers]:
    """Sessions of an administrator that once were good, by how they ended."""
    members = Members(client(project))
    sessions, headers = Sessions([SESSION_SECRET]), await session_headers(project, "admin")
    session = sessions.verify(headers["Cookie"].partition("=")[2])
    with monkeypatch.context() as then:
        long_ago = time.time() - LIFETIME.total_seconds() - 60
        then.setattr(time, "time", lambda: long_ago)
        cookie = sessions.issue(session)
    ended: dict[str, Headers] = {"expired": {**headers, "Cookie": f"{COOKIE}={cookie}"}}
    ended["of another role before"] = await session_headers(project, "admin")
    await members.add(Member(email="second@example.com", role="admin"))
    await members.change_role(member_id("admin@example.com"), "marketer")
    await members.change_role(member_id("admin@example.com"), "admin")
    ended["of a member removed and added again"] = await session_headers(project, "admin")
    await members.remove(member_id("admin@example.com"))
    ended["of a removed member"] = ended["of a member removed and added again"]
    await members.add(Member(email="admin@example.com", role="admin"))
    return ended


async def test_a_role_opens_what_it_includes_and_nothing_else(
    project: str, function: tuple[str, httpx2.AsyncClient]
) -> None:
    for role in ROLES:
        answers = await statuses(function, await session_headers(project, role))
        for method, path, rule in guarded(function[0]):
            status = answers[f"{method} {path}"]
            if rule.needs in SCOPES:
                assert status == 401, (role, method, path)
            elif allows(role, _role(rule)):
                assert status not in STOPPED, (role, method, path)
            else:
                assert status == 403, (role, method, path)


async def test_a_session_that_has_ended_opens_nothing(
    project: str, function: tuple[str, httpx2.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    for how, headers in (await ended_sessions(project, monkeypatch)).items():
        answers = await statuses(function, headers)
        assert set(answers.values()) == {401}, (how, answers)


async def test_a_key_opens_what_its_scopes_name_and_nothing_else(
    project: str, function: tuple[str, httpx2.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ApiKeys(client(project))
    for scope in SCOPES:
        _, text = await keys.create(new_id(), "shop", "owner@example.com", now(), (scope,))
        answers = await statuses(function, _bearer(text))
        for method, path, rule in guarded(function[0]):
            status = answers[f"{method} {path}"]
            if rule.needs in ROLES:
                assert status == 401, (scope, method, path)
            else:
                assert (status == 403) is (rule.needs != scope), (scope, method, path)
                assert status != 401, (scope, method, path)


async def test_a_key_that_has_ended_opens_nothing(
    project: str, function: tuple[str, httpx2.AsyncClient]
) -> None:
    keys = ApiKeys(client(project))
    scopes: tuple[Scope, ...] = SCOPES
    revoked, revoked_text = await keys.create(new_id(), "shop", "owner@example.com", now(), scopes)
    await keys.revoke(revoked.id, now())
    before = now() - timedelta(days=2)
    _, expired_text = await keys.create(
        new_id(), "shop", "owner@example.com", before, scopes, before + timedelta(days=1)
    )
    for text in (revoked_text, expired_text, revoked_text[:-1] + "x"):
        assert set((await statuses(function, _bearer(text))).values()) == {401}


def _bearer(text: str) -> Headers:
    return {"Authorization": f"Bearer {text}"}


def _role(rule: RouteRule) -> Role:
    return next(role for role in ROLES if role == rule.needs)
