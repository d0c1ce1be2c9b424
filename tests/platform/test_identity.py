"""Only a genuine token of an accepted issuer for this audience holds."""

import base64
import json
import time

import pytest

from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.identity import IdTokens
from tests.identity import ISSUER, Issuer

AUDIENCE = "client-1"
EMAIL = "mira@example.com"


@pytest.fixture
def id_tokens(issuer: Issuer) -> IdTokens:
    return IdTokens(issuer.certs_url, (ISSUER,))


async def test_a_genuine_token_gives_its_claims(issuer: Issuer, id_tokens: IdTokens) -> None:
    claims = await id_tokens.verify(issuer.token(EMAIL, AUDIENCE, hd="example.com"), AUDIENCE)
    assert claims["email"] == EMAIL
    assert claims["hd"] == "example.com"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": None},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"exp": -60},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 600},
        {"iat": None},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_refused(
    issuer: Issuer, id_tokens: IdTokens, claims: dict[str, object]
) -> None:
    now = time.time()  # numbers are seconds from now
    changed = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE, **changed), AUDIENCE)


async def test_clocks_may_differ_by_some_seconds(issuer: Issuer, id_tokens: IdTokens) -> None:
    now = int(time.time())
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE, exp=now - 3), AUDIENCE)
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE, iat=now + 3), AUDIENCE)


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "e30.e30.", "é.é.é", "bnVsbA.e30.c2ln"])
async def test_a_malformed_token_is_refused(id_tokens: IdTokens, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(token, AUDIENCE)


async def test_a_changed_payload_is_refused(issuer: Issuer, id_tokens: IdTokens) -> None:
    header, payload, signature = issuer.token(EMAIL, AUDIENCE).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = _encoded({**claims, "email": "owner@example.com"})
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(f"{header}.{forged}.{signature}", AUDIENCE)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256", None])
async def test_another_algorithm_is_refused(
    issuer: Issuer, id_tokens: IdTokens, algorithm: str | None
) -> None:
    _, payload, signature = issuer.token(EMAIL, AUDIENCE).split(".")
    header = _encoded({"alg": algorithm, "kid": "key-1", "typ": "JWT"})
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(f"{header}.{payload}.{signature}", AUDIENCE)


async def test_without_a_configured_audience_nothing_is_accepted(issuer: Issuer, id_tokens: IdTokens) -> None:
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(issuer.token(EMAIL, ""), "")


async def test_certificates_are_fetched_once_for_many_tokens(issuer: Issuer, id_tokens: IdTokens) -> None:
    before = issuer.fetches
    for _ in range(3):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 1


async def test_stale_certificates_are_fetched_again(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer, "max_age", 0)
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,))
    before = issuer.fetches
    for _ in range(2):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 2


async def test_a_new_key_is_fetched_but_unknown_keys_cannot_cause_a_flood(
    issuer: Issuer, id_tokens: IdTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    issuer.rotate()
    before = issuer.fetches
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before
    monkeypatch.setattr("crm.platform.identity.REFETCH_AFTER", 0)
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 1


async def test_an_issuer_that_is_away_is_said_to_be_away(
    issuer: Issuer, id_tokens: IdTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "status", 500)
    with pytest.raises(Unavailable):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    with pytest.raises(Unavailable):
        await IdTokens("http://127.0.0.1:1/certs", (ISSUER,)).verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
