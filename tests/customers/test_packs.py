"""Records packed into messages."""

from datetime import UTC, datetime

import pytest

from crm.customers.dead_letters import MAX_PACK, MAX_PAYLOAD, DeadLetter
from crm.customers.packs import pack, unpack
from crm.customers.records import CustomerMessage, CustomerRecord

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def record(customer: int, note: str = "") -> CustomerMessage:
    return CustomerMessage(customer_id=f"C-{customer}", city=note or None, updated_at=NOW)


def test_records_come_back_as_they_were_packed() -> None:
    records = [record(number) for number in range(1_200)]
    messages = pack("customers", records)
    assert [len(unpack(message)) for message in messages] == [500, 500, 200]
    assert [found for message in messages for found in unpack(message)] == records


def test_a_customers_records_share_a_message_even_if_it_leaves_the_one_before_partly_empty() -> None:
    records = [record(number % 3) for number in range(3 * 200)]
    sizes = [
        len({found.customer_id for found in _records(message)}) for message in pack("customers", records)
    ]
    assert sizes == [2, 1]


def test_a_message_of_large_records_is_within_the_limit() -> None:
    tags = tuple(f"{number:060}" for number in range(50))
    records = [CustomerRecord(customer_id=f"C-{number}", tags=tags, updated_at=NOW) for number in range(400)]
    messages = pack("customers", records)
    assert len(messages) == 2
    assert max(map(len, messages)) < MAX_PACK * 1.01


@pytest.mark.parametrize("city", [None, "Zürich" * 33, "\x02" * 200])
def test_a_dead_letter_keeps_a_whole_message_that_can_be_replayed(city: str | None) -> None:
    records = [
        CustomerRecord.model_construct({"customer_id", "city"}, customer_id=f"C-{number}", city=city)
        for number in range(600)
    ]
    for message in pack("customers", records):
        assert len(message) <= MAX_PAYLOAD
        assert DeadLetter(source="records", reason="", payload=message).message == message


def test_the_largest_record_is_kept_whole_by_a_dead_letter() -> None:
    """Characters beyond the basic plane take most bytes."""
    text = "\N{GRINNING FACE}"
    record = CustomerRecord(
        customer_id="C-1",
        name="Z" * 200,
        tags=tuple(f"{number:02}{text * 58}" for number in range(50)),
        attributes={f"{'a' * 58}{number:02}": f"x{text * 498}x" for number in range(50)},
        updated_at=NOW,
    )
    (message,) = pack("customers", [record])
    assert 100_000 < len(message) < MAX_PACK


def _records(message: bytes) -> list[CustomerRecord]:
    return [found for found in unpack(message) if isinstance(found, CustomerRecord)]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_letter_keeps_what_is_no_number_so_that_its_replay_empties_no_field(value: str) -> None:
    record = f'{{"customer_id":"C","updated_at":"2026-01-01T00:00:00Z","later":{value}}}'
    (letter,) = unpack(f'{{"kind":"customers","records":[{record}]}}'.encode())
    assert isinstance(letter, DeadLetter)
    assert letter.payload == record.encode()
    (again,) = unpack(letter.message)
    assert isinstance(again, DeadLetter)
