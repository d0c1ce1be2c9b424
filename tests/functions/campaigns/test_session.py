"""Signing in and out over HTTP."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx2
import pytest

from crm.access.members import Member
from crm.access.store.members import Members
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import CLIENT_ID, Api
from tests.identity import ORIGIN, Issuer
from tests.support import client_of

pytestmark = pytest.mark.emulator

MIRA = "mira@example.com"
HEADERS = {"X-Requested-With": "crm"}


async def sign_in(http: httpx2.AsyncClient, credential: str, **options: Any) -> httpx2.Response:
    headers = {**HEADERS, **options.pop("headers", {})}
    return await http.post("/api/v1/session", json={"credential": credential}, headers=headers, **options)


async def test_a_member_signs_in_works_and_signs_out(api: Api, issuer: Issuer) -> None:
    await Members(client(api.project)).add(Member(email=MIRA, role="marketer"))
    answer = await sign_in(api.http, issuer.sign_in_token(MIRA, CLIENT_ID), headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.json() == {"email": MIRA, "name": "Mira", "role": "marketer"}
    cookie = answer.headers["set-cookie"]
    for part in ("__session=", "HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=43200"):
        assert part in cookie

    value = cookie.partition(";")[0]
    session = await api.http.get("/api/v1/session", headers={"Cookie": value})
    assert session.json() == answer.json()
    assert session.headers["cache-control"] == "private, no-store"

    ended = await api.http.delete("/api/v1/session", headers={**HEADERS, "Cookie": value})
    assert ended.status_code == 204
    assert '__session=""' in ended.headers["set-cookie"]
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert (await api.http.get("/api/v1/session", headers={"Cookie": value})).status_code == 401


async def test_how_to_sign_in_and_where_the_project_is_is_public(api: Api) -> None:
    answer = await api.http.get("/api/v1/session/config")
    assert answer.json() == {
        "client_id": CLIENT_ID,
        "identity_url": None,
        "time_zone": "UTC",
        "currency": None,
        "version": "dev",
    }


async def test_the_local_stack_names_its_issuer_and_may_do_without_tls(
    function: Callable[[], ModuleType], project: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_IDENTITY_URL", "/identity")
    monkeypatch.setenv("CRM_SECURE_COOKIES", "false")
    monkeypatch.setenv("CRM_CURRENCY", "GBP")
    await Members(client(project)).add(Member(email=MIRA, role="viewer"))
    async with client_of(function()) as http:
        config = (await http.get("/api/v1/session/config")).json()
        assert (config["identity_url"], config["currency"]) == ("/identity", "GBP")
        answer = await sign_in(http, issuer.sign_in_token(MIRA, CLIENT_ID))
    assert "Secure" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "another-client"}, 401),
        ({"iss": "https://evil.test"}, 401),
        ({"exp": 1_700_000_000}, 401),
        ({"nonce": "unasked-for"}, 401),
        ({"nonce": None}, 401),
        ({"email_verified": False}, 403),
    ],
    ids=str,
)
async def test_a_token_that_does_not_fit_sets_no_cookie(
    api: Api, issuer: Issuer, claims: dict[str, Any], status: int
) -> None:
    answer = await sign_in(api.http, issuer.sign_in_token("viewer@example.com", CLIENT_ID, **claims))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers


async def test_a_stranger_learns_whom_to_ask(api: Api, issuer: Issuer) -> None:
    answer = await sign_in(api.http, issuer.sign_in_token("stranger@example.com", CLIENT_ID))
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "Ask an administrator" in answer.json()["detail"]


async def test_a_token_for_a_nonce_of_ours_signs_in(api: Api, issuer: Issuer) -> None:
    asked = await api.http.post("/api/v1/session/nonce", headers=HEADERS)
    assert asked.json()["expires_in"] == 600
    credential = issuer.token("viewer@example.com", CLIENT_ID, nonce=asked.json()["nonce"])
    assert (await sign_in(api.http, credential)).status_code == 200


async def test_signing_out_works_without_a_session_and_with_an_invalid_one(api: Api) -> None:
    for cookie in ("", "__session=", "__session=forged", "other=x"):
        ended = await api.http.delete("/api/v1/session", headers={**HEADERS, "Cookie": cookie})
        assert ended.status_code == 204


async def test_a_configured_domain_keeps_others_out(
    function: Callable[[], ModuleType], project: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_HOSTED_DOMAIN", "example.com")
    await Members(client(project)).add(Member(email=MIRA, role="viewer"))
    async with client_of(function()) as http:
        assert (await sign_in(http, issuer.sign_in_token(MIRA, CLIENT_ID))).status_code == 403
        inside = issuer.sign_in_token(MIRA, CLIENT_ID, hd="example.com")
        assert (await sign_in(http, inside)).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.test", "null"])
async def test_another_sites_page_cannot_sign_anybody_in(api: Api, issuer: Issuer, origin: str) -> None:
    credential = issuer.sign_in_token("viewer@example.com", CLIENT_ID)
    assert (await sign_in(api.http, credential, headers={"Origin": origin})).status_code == 403
    bare = await api.http.post("/api/v1/session", json={"credential": credential})
    assert bare.status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"credential": ""}, {"credential": 7}, {"credential": "a", "nonce": "b"}]
)
async def test_an_ill_formed_sign_in_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = await api.http.post("/api/v1/session", json=body, headers=HEADERS)
    assert answer.status_code == 422


async def test_rubbish_is_no_credential(api: Api) -> None:
    assert (await sign_in(api.http, "a.b.c")).status_code == 401


async def test_an_issuer_that_is_away_is_unavailable(
    function: Callable[[], ModuleType], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_CERTS_URL", "http://127.0.0.1:1/certs")
    async with client_of(function()) as http:
        answer = await sign_in(http, issuer.sign_in_token("viewer@example.com", CLIENT_ID))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
