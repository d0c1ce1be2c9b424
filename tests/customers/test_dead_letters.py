"""What a dead letter becomes when it is published again, and whom it speaks of."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.dead_letters import (
    DeadLetter,
    LetterFilter,
    LetterSummary,
    grouped,
    named_customers,
    without_customers,
)
from crm.customers.packs import letter_of, unpack
from crm.customers.records import OrderRecord


def test_a_record_of_a_pack_is_published_as_a_pack() -> None:
    (letter,) = unpack(b'{"kind":"orders","records":[{"order_id":"1","customer_id":"C","amount":"much"}]}')
    assert isinstance(letter, DeadLetter)
    assert unpack(letter.message) == [letter]
    fields = {"order_id": "1", "customer_id": "C", "amount": 5, "placed_at": "2026-03-01T12:00:00Z"}
    record = OrderRecord.model_validate({**fields, "currency": "GBP", "updated_at": "2026-03-01T12:00:00Z"})
    assert unpack(letter_of(record, "too large").message) == [record]


def test_any_other_message_is_published_as_it_was() -> None:
    assert DeadLetter(source="chunks", reason="", payload=b"{}").message == b"{}"


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (b'{"customer_id":"C-1","email":"a@example.com"}', ["C-1"]),
        (b'{"kind":"orders","records":[{"customer_id":"C-2"},{"customer_id":"C-1"},7]}', ["C-1", "C-2"]),
        (b'{"campaign_id":"c1"}', []),
        (b'{"customer_id":5}', []),
        (b'{"records":"none"}', []),
        (b"[1]", []),
        (b"\xff\x00 not JSON", []),
    ],
)
def test_whom_a_payload_speaks_of(payload: bytes, names: list[str]) -> None:
    assert named_customers(payload) == names


def test_what_is_left_of_a_letter_takes_no_more_room_than_before() -> None:
    """It would else be cut, and could not be replayed."""
    records = [{"customer_id": name, "city": "Zürich \U0001f600" * 20} for name in ("C-1", "C-2", "C-3")]
    payload = json.dumps({"records": records}, ensure_ascii=False, separators=(",", ":")).encode()
    left = without_customers(DeadLetter(source="records", reason="", payload=payload), {"C-2"}.__contains__)
    assert left is not None
    assert len(left.payload) < len(payload)
    assert json.loads(left.payload) == {"records": [records[0], records[2]]}


def test_half_a_pair_of_surrogates_stays_as_json_writes_it() -> None:
    payload = b'{"records":[{"customer_id":"C-1"},{"customer_id":"C-2","city":"\\ud83d"}]}'
    left = without_customers(DeadLetter(source="records", reason="", payload=payload), {"C-1"}.__contains__)
    assert left is not None
    assert left.payload == b'{"records":[{"customer_id":"C-2","city":"\\ud83d"}]}'


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def summary(source: str = "records", reason: str = "amount: is no number", hours: int = 0) -> LetterSummary:
    at = NOON + timedelta(hours=hours)
    return LetterSummary(
        letter_id="a",
        source=source,
        reason=reason,
        at=at,
        expires_at=at + timedelta(days=30),
        times=1,
        replayed_at=None,
    )


@pytest.mark.parametrize(
    ("wanted", "is_meant"),
    [
        (LetterFilter(), True),
        (LetterFilter(source="records", reason="AMOUNT", only_open=True), True),
        (LetterFilter(source="chunks"), False),
        (LetterFilter(reason="currency"), False),
        (LetterFilter(since=NOON), True),
        (LetterFilter(since=NOON + timedelta(seconds=1)), False),
        (LetterFilter(until=NOON), False),
        (LetterFilter(until=NOON + timedelta(seconds=1)), True),
    ],
)
def test_a_filter_means_letters_of_which_all_is_true(wanted: LetterFilter, is_meant: bool) -> None:
    assert wanted.admits(summary()) is is_meant


def test_letters_are_grouped_by_topic_and_reason() -> None:
    letters = [
        summary(hours=3),
        summary("chunks"),
        summary(hours=1),
        summary(hours=2),
        summary("chunks", "x"),
    ]
    assert [
        (group.source, group.reason, group.count, group.oldest.hour, group.newest.hour)
        for group in grouped(letters)
    ] == [
        ("records", "amount: is no number", 3, 13, 15),
        ("chunks", "amount: is no number", 1, 12, 12),
        ("chunks", "x", 1, 12, 12),
    ]
