"""Records packed into messages."""

from datetime import UTC, datetime

from crm.customers.packs import MAX_BYTES, pack, unpack
from crm.customers.records import CustomerRecord

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def record(customer: int, note: str = "") -> CustomerRecord:
    return CustomerRecord(customer_id=f"C-{customer}", city=note or None, updated_at=NOW)


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
    assert max(map(len, messages)) < MAX_BYTES * 1.01


def _records(message: bytes) -> list[CustomerRecord]:
    return [found for found in unpack(message) if isinstance(found, CustomerRecord)]
