"""Webhooks are verified against the secrets that are valid now."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from crm.access.live_signatures import (
    CACHE_SECONDS,
    MAX_WAITING,
    MAX_WAITING_BYTES,
    NOTE_SECONDS,
    RECHECK_SECONDS,
    RETRY_AFTER,
    LiveSignatures,
)
from crm.access.webhook_secrets import WebhookSecret, derive
from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.webhooks import RefusedWebhook
from tests.event_loop import turns

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


class Pause:
    """A wait that lasts until a test ends it; then the clock has moved."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds:
            await self.over.wait()
        self._clock.at += seconds


@pytest.fixture
def pause(clock: Clock) -> Pause:
    return Pause(clock)


@pytest.fixture
def paused(store: Store, clock: Clock, pause: Pause) -> LiveSignatures:
    """Waits for the test's word between two reads."""
    return LiveSignatures([CONFIGURED], KEY, lambda: store, clock, pause.sleep)


async def first_read(signatures: LiveSignatures, clock: Clock) -> None:
    """Have the secrets read a moment ago."""
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, STRANGERS, NOW)
    clock.at += 0.01


async def waiting_calls(
    signatures: LiveSignatures, count: int, body: bytes = BODY
) -> list["asyncio.Task[None]"]:
    """So many calls with unknown signatures that wait for the next read."""
    calls = [asyncio.create_task(signatures.check(body, STRANGERS, NOW)) for _ in range(count)]
    await asyncio.sleep(0.01)
    return calls


def signed(secret: str, body: bytes = BODY) -> dict[str, str]:
    """Headers signed at the present time: a signature is valid for five minutes."""
    at = datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


STRANGERS = signed(derive("another key", "a"))


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
    clock.at += RECHECK_SECONDS
    await signatures.check(BODY, signed(derive(KEY, "a")), NOW)
    assert store.reads == 2


async def test_after_a_failed_read_nobody_waits(paused: LiveSignatures, store: Store, clock: Clock) -> None:
    store.away = True
    for _ in range(50):
        with pytest.raises(Unavailable):
            await paused.check(BODY, STRANGERS, NOW)
        clock.at += RECHECK_SECONDS / 100
    assert store.reads == 1


async def test_of_many_forged_signatures_few_wait_and_a_new_secret_is_valid_at_the_first_retry(
    paused: LiveSignatures, store: Store, clock: Clock, pause: Pause
) -> None:
    await first_read(paused, clock)
    waiting = await waiting_calls(paused, MAX_WAITING)
    store.ids = ["new"]
    clock.at += 0.01
    for _ in range(50):
        with pytest.raises(Unavailable) as full:
            await paused.check(BODY, signed(derive(KEY, "new")), NOW)
        assert full.value.retry_after == RETRY_AFTER > RECHECK_SECONDS
    pause.over.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(answer) for answer in answers} == {RefusedWebhook}
    clock.at += 0.01

    pause.over.clear()
    waiting = await waiting_calls(paused, MAX_WAITING)
    await paused.check(BODY, signed(derive(KEY, "new")), NOW)
    pause.over.set()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_the_bodies_of_those_who_wait_are_few_bytes_and_known_senders_need_none_of_them(
    paused: LiveSignatures, store: Store, clock: Clock, pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.access.live_signatures.MAX_INLINE", MAX_WAITING_BYTES)
    store.ids = ["known"]
    await first_read(paused, clock)
    half = b"x" * (MAX_WAITING_BYTES // 2)
    waiting = await waiting_calls(paused, 2, half)
    with pytest.raises(Unavailable):
        await paused.check(BODY, STRANGERS, NOW)
    for secret in (CONFIGURED, derive(KEY, "known")):
        await paused.check(half, signed(secret, half), NOW)
    pause.over.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(answer) for answer in answers} == {RefusedWebhook}


async def test_who_waited_leaves_the_place_to_others(
    paused: LiveSignatures, pause: Pause, clock: Clock
) -> None:
    await first_read(paused, clock)
    gone = await waiting_calls(paused, MAX_WAITING)
    for call in gone:
        call.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    pause.over.set()
    with pytest.raises(Unauthenticated):
        await paused.check(BODY, STRANGERS, NOW)


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


async def test_a_large_body_does_not_hold_the_loop_however_many_secrets_there_are(
    store: Store, signatures: LiveSignatures
) -> None:
    store.ids = [f"{number:032x}" for number in range(10)]
    body = b'"' + b"x" * 2**21 + b'"'
    headers = signed("whsec_" + base64.b64encode(b"f" * 24).decode(), body)
    async with turns() as held:
        for _ in range(5):
            with pytest.raises(Unauthenticated):
                await signatures.check(body, headers, NOW)
    assert max(held) < sum(held) / 5


async def test_a_new_secret_is_valid_though_another_call_reads_it_while_this_one_verifies(
    store: Store, signatures: LiveSignatures, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.ids = ["old"]
    await first_read(signatures, clock)
    run = asyncio.to_thread
    verified = 0

    async def while_another_call_reads(find: Callable[[], str | None]) -> str | None:
        nonlocal verified
        verified += 1
        if verified == 2:  # the configured secret was the first
            store.ids = ["old", "new"]
            clock.at += RECHECK_SECONDS
            with pytest.raises(Unauthenticated):
                await signatures.check(BODY, STRANGERS, NOW)
        return await run(find)

    monkeypatch.setattr("crm.access.live_signatures.asyncio.to_thread", while_another_call_reads)
    body = b'"' + b"x" * 2**16 + b'"'
    await signatures.check(body, signed(derive(KEY, "new"), body), NOW)
    assert verified == 3
