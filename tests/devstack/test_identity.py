"""The local issuer's tokens hold in the functions' own verification, and only for what they are meant."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from crm.kernel.errors import Unauthenticated
from crm.platform.identity import IdTokens
from devstack import secrets
from devstack.identity import CLIENT_ID, PUSH_ACCOUNT, PUSH_AUDIENCE, Issuer, routes
from tests.devstack.serving import serving
from tests.waiting import PATIENCE

URL = "http://127.0.0.1:1/identity"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(URL, secrets.kept_in(tmp_path_factory.mktemp("keys")).signing_key)


async def test_a_person_s_token_signs_in_and_does_not_push(issuer: Issuer) -> None:
    app = Starlette(routes=routes(issuer))
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        answer = await http.post(
            "/identity/token", json={"email": "Marketer@example.com", "name": "Mira", "nonce": "n1"}
        )
        credential = answer.json()["credential"]
        tokens = IdTokens(f"{url}/identity/certs", [URL])
        claims = await tokens.verify(credential, CLIENT_ID)
        assert claims["email"] == "marketer@example.com"
        assert claims["email_verified"] is True
        assert (claims["name"], claims["nonce"]) == ("Mira", "n1")
        with pytest.raises(Unauthenticated):
            await tokens.verify(credential, PUSH_AUDIENCE)


async def test_the_machines_token_names_the_push_account(issuer: Issuer) -> None:
    async with serving(Starlette(routes=routes(issuer))) as url:
        claims = await IdTokens(f"{url}/identity/certs", [URL]).verify(issuer.machine(), PUSH_AUDIENCE)
    assert claims["email"] == PUSH_ACCOUNT


async def test_another_key_does_not_pass(issuer: Issuer, tmp_path: Path) -> None:
    other = Issuer(URL, (await asyncio.to_thread(secrets.kept_in, tmp_path)).signing_key)
    async with serving(Starlette(routes=routes(issuer))) as url:
        with pytest.raises(Unauthenticated):
            await IdTokens(f"{url}/identity/certs", [URL]).verify(other.machine(), PUSH_AUDIENCE)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"email": 5}', 422), (b'{"email": "no address"}', 422)],
)
async def test_invalid_token_requests_are_refused(issuer: Issuer, body: bytes, status: int) -> None:
    app = Starlette(routes=routes(issuer))
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        answer = await http.post("/identity/token", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
