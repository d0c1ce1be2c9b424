"""Webhooks are verified against the secrets that are valid now."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from crm.access.live_signatures import CACHE_SECONDS, NOTE_SECONDS, RECHECK_SECONDS, LiveSignatures
from crm.access.webhook_secrets import WebhookSecret, derive
from crm.kernel.errors import Unauthenticated, Unavailable

KEY = "a key for tests that is long enough"
CONFIGURED = "whsec_" + base64.b64encode(b"c" * 24).decode()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{"a":1}'


class Store:
    """Secrets in memory. Counts its reads; can be unavailable."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.notes: list[str] = []
        self.reads = 0
        self.away = False

    async def live_secrets(self) -> Sequence[WebhookSecret]:
        self.reads += 1
        if self.away:
            raise Unavailable("away")
        return [WebhookSecret(id=each, created_by="a@example.com", created_at=NOW) for each in self.ids]

    async def note_use(self, secret_id: str, now: datetime) -> None:
        if self.away:
            raise Unavailable("away")
        self.notes.append(secret_id)


class Clock:
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signatures(store: Store, clock: Clock) -> LiveSignatures:
    return LiveSignatures([CONFIGURED], KEY, lambda: store, clock, clock.sleep)


def signed(secret: str) -> dict[str, str]:
    """Headers signed at the present time: a signature is valid for five minutes."""
    at = datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, BODY.decode()),
    }


async def test_a_configured_secret_needs_no_database(signatures: LiveSignatures, store: Store) -> None:
    store.away = True
    await signatures.check(BODY, signed(CONFIGURED), NOW)
    assert store.reads == 0


async def test_all_live_secrets_are_valid_and_read_once(signatures: LiveSignatures, store: Store) -> None:
    store.ids = ["a", "b"]
    for name in ("a", "b", "a"):
        await signatures.check(BODY, signed(derive(KEY, name)), NOW)
    assert store.reads == 1


async def test_a_new_secret_is_valid_within_a_second(
    signatures: LiveSignatures, store: Store, clock: Clock
) -> None:
    store.ids = ["a"]
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    store.ids = ["a", "b"]
    clock.at += RECHECK_SECONDS + 0.1
    await signatures.check(BODY, signed(derive(KEY, "b")), NOW)


async def test_a_secret_is_valid_as_soon_as_it_exists_however_many_forged_signatures_come(
    signatures: LiveSignatures, store: Store, clock: Clock
) -> None:
    for name in ("a", "b", "c"):
        for _ in range(20):
            with pytest.raises(Unauthenticated):
                await signatures.check(BODY, signed(derive("another key", "a")), NOW)
        store.ids.append(name)
        clock.at += 0.01
        await signatures.check(BODY, signed(derive(KEY, name)), NOW)
    assert store.reads <= 7
    assert clock.at < 100 + 7 * RECHECK_SECONDS


async def test_a_revoked_secret_is_valid_only_while_cached(
    signatures: LiveSignatures, store: Store, clock: Clock
) -> None:
    store.ids = ["a"]
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    store.ids = []
    clock.at += CACHE_SECONDS + 0.1
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, signed(derive(KEY, "a")), NOW)


async def test_unknown_signatures_cause_at_most_a_read_per_second(
    signatures: LiveSignatures, store: Store, clock: Clock
) -> None:
    for _ in range(50):
        with pytest.raises(Unauthenticated):
            await signatures.check(BODY, signed(derive("another key", "a")), NOW)
    assert store.reads == 1
    clock.at += RECHECK_SECONDS + 0.1
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, {}, NOW)
    assert store.reads == 2


async def test_an_expired_cache_is_not_used_without_the_database(
    signatures: LiveSignatures, store: Store, clock: Clock
) -> None:
    store.ids = ["a"]
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    store.away = True
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    clock.at += CACHE_SECONDS + 0.1
    with pytest.raises(Unavailable):
        await signatures.check(BODY, signed(derive(KEY, "a")), NOW)


async def test_an_outage_costs_one_read_for_all_who_wait(
    signatures: LiveSignatures, store: Store, clock: Clock
) -> None:
    store.ids = ["a"]
    store.away = True
    checks = (signatures.check(BODY, signed(derive(KEY, "a")), NOW) for _ in range(50))
    answers = await asyncio.gather(*checks, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unavailable}
    assert store.reads == 1

    store.away = False
    clock.at += 0.01
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    assert store.reads == 2


async def test_use_is_noted_at_intervals(signatures: LiveSignatures, store: Store, clock: Clock) -> None:
    store.ids = ["a"]
    for _ in range(3):
        await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    assert store.notes == ["a"]
    clock.at += NOTE_SECONDS + 0.1
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    assert store.notes == ["a", "a"]


async def test_a_failed_note_does_not_refuse_the_webhook_and_is_retried(
    signatures: LiveSignatures, store: Store
) -> None:
    store.ids = ["a"]
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, signed(derive(KEY, "b")), NOW)
    store.away = True
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    store.away = False
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    assert store.notes == ["a"]
