"""What a dead letter becomes when it is published again, and whom it speaks of."""

import pytest

from crm.customers.dead_letters import DeadLetter, named_customers
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
