"""Going on with a session or an identity token after its end: copied cookies, replays, re-added members.

Two instances with caches and clocks of their own stand for the many of a deployment.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from types import ModuleType
from typing import Any

import httpx2
import pytest

from crm.access.members import Member, member_id
from crm.access.nonces import LIFETIME as NONCE_LIFETIME
from crm.access.nonces import Nonces
from crm.access.refused_sign_ins import MESSAGE
from crm.access.store import audit_log, members, used_nonces
from crm.access.store.members import Members
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import CLIENT_ID, WEBHOOK_KEY
from tests.identity import ORIGIN, SESSION_SECRET, Issuer
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

MIRA, OWNER = "mira@example.com", "owner@example.com"
HEADERS = {"X-Requested-With": "crm"}
SESSION = "/api/v1/session"
PROMISED = 60.0
"""Seconds within which the end of a session applies everywhere."""


class Instance:
    """One process of the campaigns function, in whose cache time passes when a test says so."""

    def __init__(self, function: ModuleType, http: httpx2.AsyncClient) -> None:
        self.http = http
        self.passed = 0.0
        function.services().members._clock = lambda: self.passed

    async def call(self, method: str, path: str, cookie: str = "", **options: Any) -> httpx2.Response:
        return await self.http.request(
            method, f"/api/v1{path}", headers={**HEADERS, "Cookie": cookie}, **options
        )

    async def lets_in(self, cookie: str) -> bool:
        answer = await self.call("GET", "/segments", cookie)
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    async def enter(self, credential: str) -> httpx2.Response:
        return await self.call("POST", "/session", json={"credential": credential})


@pytest.fixture
async def instances(
    project: str, issuer: Issuer, session_secret: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Instance, Instance]]:
    monkeypatch.setenv("CRM_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", WEBHOOK_KEY)
    monkeypatch.setenv("CRM_ORIGINS", ORIGIN)
    stored = Members(client(project))
    await stored.add(Member(email=MIRA, role="viewer"))
    await stored.add(Member(email=OWNER, role="admin"))
    async with AsyncExitStack() as running:
        functions = [load_function("campaigns") for _ in range(2)]
        clients = [await running.enter_async_context(client_of(function)) for function in functions]
        here, there = map(Instance, functions, clients)
        yield here, there


async def cookie_of(instance: Instance, issuer: Issuer, email: str, **claims: Any) -> str:
    answer = await instance.enter(issuer.sign_in_token(email, CLIENT_ID, **claims))
    assert answer.status_code == 200, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


async def documents(project: str) -> set[str]:
    """The paths of everything that is stored."""
    return {
        document.reference.path
        async for collection in client(project).collections()
        async for document in collection.stream()
    }


async def test_a_copied_cookie_ends_with_the_sign_out_everywhere(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    here, there = instances
    cookie, other = [await cookie_of(here, issuer, MIRA) for _ in range(2)]
    assert await there.lets_in(cookie)
    assert (await here.call("DELETE", "/session", cookie)).status_code == 204
    assert not await here.lets_in(cookie)
    there.passed = PROMISED
    assert not await there.lets_in(cookie)
    assert await here.lets_in(other)
    assert await there.lets_in(other)


async def test_signing_out_everywhere_ends_all_sessions_of_that_member_alone(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    here, there = instances
    cookies = [await cookie_of(here, issuer, MIRA) for _ in range(3)]
    owner = await cookie_of(here, issuer, OWNER)
    assert (await here.call("DELETE", "/session?everywhere=true", cookies[0])).status_code == 204
    there.passed = PROMISED
    assert [await there.lets_in(cookie) for cookie in [*cookies, owner]] == [False] * 3 + [True]


async def test_an_ended_cookie_signs_nobody_else_out(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    here, _ = instances
    stolen = await cookie_of(here, issuer, MIRA)
    await here.call("DELETE", "/session", stolen)
    later = await cookie_of(here, issuer, MIRA)
    assert (await here.call("DELETE", "/session?everywhere=true", stolen)).status_code == 204
    assert await here.lets_in(later)


@pytest.mark.parametrize("account", ["the same", "another"])
async def test_a_removed_person_stays_out_when_the_address_is_added_again(
    instances: tuple[Instance, Instance], issuer: Issuer, account: str
) -> None:
    here, there = instances
    cookie, owner = await cookie_of(here, issuer, MIRA), await cookie_of(here, issuer, OWNER)
    assert await there.lets_in(cookie)
    assert (await here.call("DELETE", f"/members/{member_id(MIRA)}", owner)).status_code == 204
    assert not await here.lets_in(cookie)
    again = await here.call("POST", "/members", owner, json={"email": MIRA, "role": "admin"})
    assert again.status_code == 201
    there.passed = PROMISED
    assert not await here.lets_in(cookie)
    assert not await there.lets_in(cookie)

    claims = {} if account == "the same" else {"sub": "another account"}
    renewed = await cookie_of(here, issuer, MIRA, **claims)
    for instance in instances:
        assert not await instance.lets_in(cookie)
        assert await instance.lets_in(renewed)


async def test_another_account_does_not_take_over_a_membership(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    here, _ = instances
    cookie = await cookie_of(here, issuer, MIRA)
    taken = await here.enter(issuer.sign_in_token(MIRA, CLIENT_ID, sub="another account"))
    assert taken.status_code == 403
    assert await here.lets_in(cookie)


async def test_a_change_of_role_ends_sessions_everywhere(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    here, there = instances
    cookie, owner = await cookie_of(here, issuer, MIRA), await cookie_of(here, issuer, OWNER)
    assert await there.lets_in(cookie)
    changed = await here.call("PUT", f"/members/{member_id(MIRA)}", owner, json={"role": "marketer"})
    assert changed.status_code == 200
    there.passed = PROMISED
    for instance in instances:
        assert not await instance.lets_in(cookie)
    # The other instance has just read the member: a session that begins now holds there at once.
    assert await there.lets_in(await cookie_of(here, issuer, MIRA))


async def test_a_new_session_holds_at_once_where_the_old_membership_is_cached(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    here, there = instances
    cookie = await cookie_of(here, issuer, MIRA)
    assert await there.lets_in(cookie)
    await here.call("DELETE", "/session?everywhere=true", cookie)
    assert await there.lets_in(await cookie_of(here, issuer, MIRA))


async def test_a_replayed_identity_token_signs_nobody_in(
    instances: tuple[Instance, Instance], issuer: Issuer
) -> None:
    credential = issuer.sign_in_token(MIRA, CLIENT_ID)
    answers = [await instance.enter(credential) for instance in (*instances, *instances)]
    assert [answer.status_code for answer in answers] == [200, 401, 401, 401]
    assert "set-cookie" not in answers[1].headers


@pytest.mark.parametrize(
    "nonce",
    [
        None,
        "",
        "n1",
        Nonces(["the secret of another installation"]).issue(),
        Nonces([SESSION_SECRET]).issue()[:-1],
        7,
        ["n1"],
        "x" * 5_000,
    ],
    ids=range(8),
)
async def test_a_foreign_nonce_signs_nobody_in(
    instances: tuple[Instance, Instance], issuer: Issuer, nonce: Any
) -> None:
    here, _ = instances
    assert (await here.enter(issuer.token(MIRA, CLIENT_ID, nonce=nonce))).status_code == 401


async def test_an_expired_nonce_signs_nobody_in(
    instances: tuple[Instance, Instance], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = instances
    begun = time.time() - NONCE_LIFETIME.total_seconds() - 5
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: begun)
        nonce = Nonces([SESSION_SECRET]).issue()
    assert (await here.enter(issuer.token(MIRA, CLIENT_ID, nonce=nonce))).status_code == 401


async def test_refused_sign_ins_of_strangers_write_nothing_and_log_no_address(
    instances: tuple[Instance, Instance],
    issuer: Issuer,
    project: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here, _ = instances
    before = await documents(project)
    refusals: list[dict[str, Any]] = [
        {"email": "eve@evil.example"},
        {"email": "eve@evil.example", "email_verified": False},
        {"email": MIRA, "email_verified": False},
        {"email": "\u212aim@example.com"},
        {"nonce": "mine"},
        {"aud": "mine"},
    ]
    with caplog.at_level(logging.WARNING):
        for claims in refusals:
            credential = issuer.sign_in_token("eve@evil.example", CLIENT_ID, **claims)
            assert (await here.enter(credential)).status_code in (401, 403)
        for _ in range(20):
            assert (await here.call("POST", "/session/nonce")).status_code == 200
    assert await documents(project) == before
    lines = [record for record in caplog.records if record.getMessage() == MESSAGE]
    assert len(lines) == len(refusals)
    said = [vars(line)["ids"] for line in lines]
    assert said[0]["reason"] == "not_a_member"
    assert said[0]["address"] == said[1]["address"] != said[2]["address"]
    assert "@" not in str(said)


async def test_refused_sign_ins_of_a_members_address_write_one_document_a_day(
    instances: tuple[Instance, Instance], issuer: Issuer, project: str
) -> None:
    here, there = instances
    await cookie_of(here, issuer, MIRA)
    before = await documents(project)
    for instance in (here, there, here):
        refused = await instance.enter(issuer.sign_in_token(MIRA, CLIENT_ID, sub="another account"))
        assert refused.status_code == 403
    (added,) = await documents(project) - before
    assert added.startswith(f"{audit_log.COLLECTION}/")


async def test_a_sign_in_stores_no_cookie(
    instances: tuple[Instance, Instance], issuer: Issuer, project: str
) -> None:
    here, _ = instances
    cookie = await cookie_of(here, issuer, MIRA)
    stored = [
        document.to_dict()
        for name in (members.COLLECTION, used_nonces.COLLECTION, audit_log.COLLECTION)
        async for document in client(project).collection(name).stream()
    ]
    assert cookie.partition("=")[2] not in str(stored)
