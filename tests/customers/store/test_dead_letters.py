"""Finding dead letters by what they are, in the real database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crm import retention
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import PARTLY_ERASED, DeadLetter, LetterFilter
from crm.customers.store import dead_letters
from crm.customers.store.dead_letters import DeadLetters
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def letter(number: int, source: str = "records", reason: str = "amount: is no number") -> DeadLetter:
    payload = b'{"order_id":"%d","customer_id":"C-%d"}' % (number, number % 2)
    return DeadLetter(source=source, reason=reason, payload=payload)


@pytest.fixture
async def stored(project: str, monkeypatch: pytest.MonkeyPatch) -> DeadLetters:
    """Nine letters, an hour older each, read in pages of two. The last one should be gone already."""
    monkeypatch.setattr(dead_letters, "PAGE", 2)
    commit = Commit(client(project))
    for number in range(8):
        source = "chunks" if number % 4 == 3 else "records"
        reason = "currency: is missing" if number > 4 else "amount: is no number"
        dead_letters.write(commit, letter(number, source, reason), NOW - timedelta(hours=number + 1))
    dead_letters.write(commit, letter(8), NOW - timedelta(days=31))
    await commit.send()
    return DeadLetters(client(project))


async def found(stored: DeadLetters, wanted: LetterFilter) -> list[int]:
    """The numbers of the letters that are found."""
    letters = [each async for each in stored.matching(wanted, NOW)]
    return [round((NOW - each.at) / timedelta(hours=1)) - 1 for each in letters]


async def test_letters_are_found_the_oldest_first(stored: DeadLetters) -> None:
    assert await found(stored, LetterFilter()) == [7, 6, 5, 4, 3, 2, 1, 0]


async def test_letters_are_found_by_topic_reason_and_age(stored: DeadLetters) -> None:
    assert await found(stored, LetterFilter(source="chunks")) == [7, 3]
    assert await found(stored, LetterFilter(source="records", reason="CURRENCY")) == [6, 5]
    assert await found(stored, LetterFilter(since=NOW - timedelta(hours=3))) == [2, 1, 0]
    assert await found(stored, LetterFilter(until=NOW - timedelta(hours=6))) == [7, 6]


async def test_letters_are_found_by_a_customer_whom_they_name(stored: DeadLetters) -> None:
    wanted = LetterFilter(customer_key=customer_key("C-1"))
    assert sorted(await found(stored, wanted)) == [1, 3, 5, 7]
    assert sorted(await found(stored, LetterFilter(customer_key=wanted.customer_key, source="chunks"))) == [
        3,
        7,
    ]
    assert await found(stored, LetterFilter(customer_key=customer_key("C-9"))) == []


async def test_replayed_letters_are_open_again_when_they_fail_again(
    stored: DeadLetters, project: str
) -> None:
    kept = await stored.get(letter(2).id)
    assert kept is not None
    await stored.mark_replayed(kept, NOW)
    still_open = LetterFilter(only_open=True)
    assert await found(stored, still_open) == [7, 6, 5, 4, 3, 1, 0]
    commit = Commit(client(project))
    dead_letters.write(commit, letter(2), NOW - timedelta(hours=3))
    await commit.send()
    assert await found(stored, still_open) == [7, 6, 5, 4, 3, 2, 1, 0]


async def test_a_letter_expires_when_the_installation_says(project: str) -> None:
    retention.use(["dead_letters=7"])
    try:
        await DeadLetters(client(project)).keep_all([letter(1)])
    finally:
        retention.use(())
    kept = await DeadLetters(client(project)).get(letter(1).id)
    assert kept is not None
    assert kept.expires_at - kept.at == timedelta(days=7)
    assert await DeadLetters(client(project)).newest(10, kept.at + timedelta(days=8)) == []


async def test_a_letter_that_is_gone_is_none(stored: DeadLetters) -> None:
    assert await stored.get("0" * 64) is None


ID = "mira@shop.example"


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff mira@shop.example",
        b'{"a":"mira\\u0040shop.example","records":[{"customer_id":"C-1"},{"customer_id":7}]}',
        b'{"customer_id":"mira@shop.example%s"}' % (b"x" * 130),
        b'{"customer_id":{"id":"x"},"of":"mira@shop.example"}',
    ],
)
async def test_customers_are_erased_from_letters_of_which_it_is_not_known_whom_they_name(
    project: str, monkeypatch: pytest.MonkeyPatch, payload: bytes
) -> None:
    monkeypatch.setattr(dead_letters, "SEARCHED_TOGETHER", 2)
    store = DeadLetters(client(project))
    others = [DeadLetter(source="x", reason="", payload=b"other %d" % number) for number in range(5)]
    await store.keep_all([*others, DeadLetter(source="x", reason="", payload=payload)])
    for _ in range(2):
        await store.erase_mentions(["nobody@shop.example", ID])
    left = await store.newest(10, datetime.now(UTC))
    assert {kept.letter.id for kept in left} == {each.id for each in others}


async def test_of_more_customers_than_the_index_holds_each_can_be_erased(project: str) -> None:
    store = DeadLetters(client(project))
    names = [*(f"A-{number}" for number in range(1_200)), ID]
    payload = json.dumps({"records": [{"customer_id": name} for name in names]}).encode()
    await store.keep_all([DeadLetter(source="records", reason="too many", payload=payload)])
    await store.erase_customer(customer_key(ID))
    await store.erase_mentions([ID])
    (left,) = await store.newest(10, datetime.now(UTC))
    assert len(json.loads(left.letter.payload)["records"]) == 1_200
    assert left.letter.reason == PARTLY_ERASED
