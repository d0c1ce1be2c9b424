"""Webhooks are held against the secrets that count now."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from crm.access.live_signatures import BELIEVED, LOOKED_AGAIN, NOTED, LiveSignatures
from crm.access.webhook_secrets import made_of
from crm.kernel.errors import Unauthenticated, Unavailable

KEY = "a key for tests that is long enough"
CONFIGURED = "whsec_" + base64.b64encode(b"c" * 24).decode()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{"a":1}'


@dataclass(frozen=True)
class Live:
    id: str


class Book:
    """Secrets in memory, which counts what it is asked; it can be away."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.notes: list[str] = []
        self.reads = 0
        self.away = False

    async def live(self) -> Sequence[Live]:
        self.reads += 1
        if self.away:
            raise Unavailable("away")
        return [Live(each) for each in self.ids]

    async def used(self, secret_id: str, now: datetime) -> None:
        if self.away:
            raise Unavailable("away")
        self.notes.append(secret_id)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signatures(book: Book, clock: Clock) -> LiveSignatures:
    return LiveSignatures([CONFIGURED], KEY, lambda: book, clock)


def signed(secret: str) -> dict[str, str]:
    """Now, for a signature holds for five minutes."""
    at = datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, BODY.decode()),
    }


async def test_a_configured_secret_needs_no_database(signatures: LiveSignatures, book: Book) -> None:
    book.away = True
    await signatures.check(BODY, signed(CONFIGURED), NOW)
    assert book.reads == 0


async def test_all_that_are_live_count_and_are_read_once(signatures: LiveSignatures, book: Book) -> None:
    book.ids = ["a", "b"]
    for name in ("a", "b", "a"):
        await signatures.check(BODY, signed(made_of(KEY, name)), NOW)
    assert book.reads == 1


async def test_a_new_one_counts_within_a_second(signatures: LiveSignatures, book: Book, clock: Clock) -> None:
    book.ids = ["a"]
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    book.ids = ["a", "b"]
    clock.at += LOOKED_AGAIN + 0.1
    await signatures.check(BODY, signed(made_of(KEY, "b")), NOW)


async def test_one_that_ended_counts_only_as_long_as_what_was_read_is_believed(
    signatures: LiveSignatures, book: Book, clock: Clock
) -> None:
    book.ids = ["a"]
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    book.ids = []
    clock.at += BELIEVED + 0.1
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)


async def test_strangers_cost_a_read_a_second_at_most(
    signatures: LiveSignatures, book: Book, clock: Clock
) -> None:
    for _ in range(50):
        with pytest.raises(Unauthenticated):
            await signatures.check(BODY, signed(made_of("another key", "a")), NOW)
    assert book.reads == 1
    clock.at += LOOKED_AGAIN + 0.1
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, {}, NOW)
    assert book.reads == 2


async def test_without_the_database_nothing_old_is_believed(
    signatures: LiveSignatures, book: Book, clock: Clock
) -> None:
    book.ids = ["a"]
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    book.away = True
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    clock.at += BELIEVED + 0.1
    with pytest.raises(Unavailable):
        await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)


async def test_use_is_noted_now_and_then(signatures: LiveSignatures, book: Book, clock: Clock) -> None:
    book.ids = ["a"]
    for _ in range(3):
        await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    assert book.notes == ["a"]
    clock.at += NOTED + 0.1
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    assert book.notes == ["a", "a"]


async def test_a_note_that_fails_stops_no_receipt_and_is_made_up_for(
    signatures: LiveSignatures, book: Book
) -> None:
    book.ids = ["a"]
    with pytest.raises(Unauthenticated):
        await signatures.check(BODY, signed(made_of(KEY, "b")), NOW)
    book.away = True
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    book.away = False
    await signatures.check(BODY, signed(made_of(KEY, "a")), NOW)
    assert book.notes == ["a"]
