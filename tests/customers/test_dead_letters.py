"""What a dead letter becomes when it is published again, and whom it speaks of."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.dead_letters import (
    DeadLetter,
    LetterFilter,
    LetterSummary,
    grouped,
    mentioned,
    named_customers,
    without_customers,
)
from crm.customers.named_customers import MAX_CUSTOMERS, named_in
from crm.customers.packs import letter_of, unpack
from crm.customers.records import OrderMessage
from crm.schemas import SCHEMA


def test_a_record_of_a_pack_is_published_as_a_pack() -> None:
    (letter,) = unpack(b'{"kind":"orders","records":[{"order_id":"1","customer_id":"C","amount":"much"}]}')
    assert isinstance(letter, DeadLetter)
    assert unpack(letter.message) == [letter]
    fields = {"order_id": "1", "customer_id": "C", "amount": 5, "placed_at": "2026-03-01T12:00:00Z"}
    record = OrderMessage.model_validate({**fields, "currency": "GBP", "updated_at": "2026-03-01T12:00:00Z"})
    assert unpack(letter_of(record, "too large").message) == [record]


@pytest.mark.parametrize(
    "payload",
    [
        b'{"kind":"orders","records":[{"order_id":"1","customer_id":"C","amount":"much"}]}',
        b'{"kind":"orders","records":[{"order_id":"1","customer_id":"C","amount":5,"placed_at":"2026-03-01"}]}',
        b'{"kind":"orders","records":[{"order_id":"1",]}',
        b"no JSON",
    ],
    ids=["invalid", "without a time", "not JSON in part", "not JSON"],
)
def test_a_letter_is_published_as_the_version_that_its_message_had(payload: bytes) -> None:
    for letter in unpack(payload, {SCHEMA: "7", "traceparent": "00"}):
        assert isinstance(letter, DeadLetter)
        assert letter.message_attributes == {SCHEMA: "7"}
        assert unpack(letter.message, letter.message_attributes) == [letter]
    for attributes in (None, {}, {"traceparent": "00"}):
        for letter in unpack(payload, attributes):
            assert isinstance(letter, DeadLetter)
            assert letter.message_attributes == {}


def test_any_other_message_is_published_as_it_was() -> None:
    assert DeadLetter(source="chunks", reason="", payload=b"{}").message == b"{}"


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (b'{"customer_id":"C-1","email":"a@example.com"}', ["C-1"]),
        (b'{"kind":"orders","records":[{"customer_id":"C-2"},{"customer_id":"C-1"},7]}', ["C-1", "C-2"]),
        (b'{"customer_id":" C-1\\t"}', ["C-1"]),
        (b'{"customer_id":"C\xe2\x80\x8b-1"}', ["C-1"]),
        (b'{"customer_id":5}', ["5"]),
        (b'{"customer_id":["C-1",{"id":"C-2"}]}', ["C-1", "C-2"]),
        (b'[{"customer_id":"C-1"}]', ["C-1"]),
        (b'{"records":{"a":{"customer_id":"C-1"}}}', ["C-1"]),
        (b'{"records":[[{"customerId":"C-1"}]]}', ["C-1"]),
        (b'{"customer_id":"C-1","customer_id":"C-2"}', ["C-1", "C-2"]),
        (b'{"customer_id":"C-1","a":%s1%s}' % (b"[" * 1_500, b"]" * 1_500), ["C-1"]),
        (b'{"customer_id":"m\\u0040x.example","visits":"x"', ["m@x.example"]),
        (b'\xff\xfe {"customer_id": "C-1"}', ["C-1"]),
        (b"customer_id=C-1&visits=x", ["C-1"]),
        ('{"customer_id":"C-1"}'.encode("utf-16"), ["C-1"]),
        (b'{"customer_id":null}', ["null"]),
        (b'{"data":"{\\"customer_id\\":\\"C-1\\"}"}', ["C-1"]),
        (b'{"message_id":"C-1"}', ["C-1", "message_id"]),
        (b"a, C-1", ["C-1", "a"]),
        (b"{}", []),
        (b"[[]]", []),
    ],
)
def test_whom_a_payload_speaks_of(payload: bytes, names: list[str]) -> None:
    assert named_customers(payload) == names


@pytest.mark.parametrize(
    ("payload", "is_certain"),
    [
        (b'{"customer_id":"C-1"}', True),
        (b'{"customer_id":" C-1 "}', True),
        (b'{"kind":"orders","records":[{"customer_id":"C-1"},{"customer_id":"C-2"}]}', True),
        (b'{"customer_id":null}', False),
        (b'{"customer_id":7}', False),
        (b'{"customer_id":["C-1"]}', False),
        (b'{"customer_id":""}', False),
        (b'{"customer_id":"C-1\\u0007"}', False),
        (b'{"customer_id":"%s"}' % (b"C" * 129), False),
        (b'{"customer_id":"C-1"', False),
        (b"[]", False),
    ],
)
def test_whether_it_is_known_whom_a_payload_speaks_of(payload: bytes, is_certain: bool) -> None:
    assert named_in(payload).is_certain is is_certain


def test_a_letter_is_indexed_by_at_most_a_thousand_customers_and_says_so() -> None:
    many = json.dumps([{"customer_id": f"C-{number}"} for number in range(MAX_CUSTOMERS + 1)]).encode()
    assert len(named_customers(many)) == MAX_CUSTOMERS
    assert len(named_in(many).customers) == MAX_CUSTOMERS + 1
    assert not named_in(many).is_certain


@pytest.mark.parametrize("part", [b'"', b'\\"', b'"\\', b'customer_id:"\\', b"a ", b"[", b'{"customer_id":'])
def test_whom_a_hostile_payload_speaks_of_is_known_in_time(part: bytes) -> None:
    began = time.process_time()
    named_in(part * (5_000_000 // len(part)))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "payload",
    [
        b'[{"customer_id":"C-1"},{"customer_id":"C-2"}]',
        b'{"records":{"a":{"customer_id":"C-1"}}}',
        b'{"customer_id":"C-1","records":[{"customer_id":"C-2"}]}',
        b'{"records":[{"customer_id":"C-2"}],"records":[],"x":{"customer_id":"C-1"}}',
        b'{"customer_id":"C-1","visits"',
        b'{"records":[{"customer_id":" C-1"}]}',
        b'{"records":[{"customer_id":"C-1","customer_id":"C-2"}]}',
    ],
)
def test_a_letter_that_names_an_erased_customer_elsewhere_than_in_its_records_is_dropped(
    payload: bytes,
) -> None:
    letter = DeadLetter(source="records", reason="", payload=payload)
    assert without_customers(letter, {"C-1"}.__contains__) is None
    assert without_customers(letter, {"C-3"}.__contains__) is letter


def test_of_records_in_lists_only_those_of_others_stay() -> None:
    payload = b'{"records":[[{"customer_id":["C-1"]}],[{"customer_id":"C-2"}]]}'
    left = without_customers(DeadLetter(source="records", reason="", payload=payload), {"C-1"}.__contains__)
    assert left is not None
    assert left.payload == b'{"records":[[{"customer_id":"C-2"}]]}'


def test_a_mention_is_found_in_payload_attributes_and_reason() -> None:
    for letter in (
        DeadLetter(source="records", reason="", payload=b"\xff of mira@x.example"),
        DeadLetter(source="records", reason="", payload=b"x", attributes={"by": "mira@x.example"}),
        DeadLetter(source="records", reason="no mira@x.example", payload=b"x"),
    ):
        assert mentioned(letter, ["mira@x.example", "tom@x.example"]) == ["mira@x.example"]


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
