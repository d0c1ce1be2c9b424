"""Only a genuine token of an accepted issuer for this audience holds."""

import asyncio
import base64
import json
import time

import pytest

from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.identity import MAX_STALE, REFETCH_AFTER, RETRY_AFTER, IdTokens
from tests.identity import ISSUER, Issuer

AUDIENCE = "client-1"
EMAIL = "mira@example.com"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


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


@pytest.mark.parametrize(
    "token",
    ["", "abc", "a.b.c", "e30.e30.", "é.é.é", "\ud800", "e30.\ud800.e30", "bnVsbA.e30.c2ln"],
    ids=ascii,
)
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


async def test_stale_certificates_are_fetched_again(issuer: Issuer, clock: Clock) -> None:
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,), clock)
    before = issuer.fetches
    for at in (0, issuer.max_age - 1, issuer.max_age, issuer.max_age + 1):
        clock.at = at
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 2


async def test_certificates_that_are_stale_at_once_do_not_cause_a_flood(
    issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "max_age", 0)
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,), clock)
    before = issuer.fetches
    for _ in range(5):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 1


async def test_a_new_key_is_fetched_but_unknown_keys_cannot_cause_a_flood(
    issuer: Issuer, clock: Clock
) -> None:
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,), clock)
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    issuer.rotate()
    before = issuer.fetches
    with pytest.raises(Unauthenticated):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before
    clock.at = REFETCH_AFTER
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 1


async def test_tokens_of_unknown_keys_share_one_slow_failure_and_hold_up_no_known_key(
    issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,), clock)
    known = issuer.token(EMAIL, AUDIENCE)
    await id_tokens.verify(known, AUDIENCE)
    before = issuer.fetches
    monkeypatch.setattr(issuer, "status", 500)
    monkeypatch.setattr(issuer, "delay", 0.5)
    for at in (issuer.max_age - 60, issuer.max_age + 60):  # with fresh certificates and with stale ones
        clock.at = at
        forged = [asyncio.create_task(id_tokens.verify(_of_key("unknown"), AUDIENCE)) for _ in range(40)]
        await asyncio.sleep(0.1)
        await asyncio.wait_for(id_tokens.verify(known, AUDIENCE), 0.2)
        refusals = await asyncio.gather(*forged, return_exceptions=True)
        assert {type(refusal) for refusal in refusals} == {Unavailable}
    assert issuer.fetches == before + 2


async def test_a_failed_fetch_is_repeated_only_after_a_while(
    issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,), clock)
    before = issuer.fetches
    with monkeypatch.context() as away:
        away.setattr(issuer, "status", 500)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    assert issuer.fetches == before + 1
    clock.at = RETRY_AFTER
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)


async def test_a_fetch_that_does_not_end_is_given_up(
    issuer: Issuer, id_tokens: IdTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.platform.identity.FETCH_TIMEOUT", 0.1)
    monkeypatch.setattr(issuer, "delay", 0.5)
    with pytest.raises(Unavailable):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)


async def test_stale_certificates_are_used_for_a_while_if_they_cannot_be_fetched_again(
    issuer: Issuer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_tokens = IdTokens(issuer.certs_url, (ISSUER,), clock)
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    monkeypatch.setattr(issuer, "status", 500)
    clock.at = issuer.max_age + MAX_STALE - 1
    await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)
    clock.at = issuer.max_age + MAX_STALE
    with pytest.raises(Unavailable):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)


async def test_an_answer_that_is_no_mapping_counts_as_a_failed_fetch(
    issuer: Issuer, id_tokens: IdTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "_public", ["no mapping"])
    with pytest.raises(Unavailable):
        await id_tokens.verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)


async def test_an_issuer_that_is_away_is_said_to_be_away(issuer: Issuer) -> None:
    with pytest.raises(Unavailable):
        await IdTokens("http://127.0.0.1:1/certs", (ISSUER,)).verify(issuer.token(EMAIL, AUDIENCE), AUDIENCE)


def _of_key(key_id: str) -> str:
    return f"{_encoded({'alg': 'RS256', 'kid': key_id})}.e30.c2ln"


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
