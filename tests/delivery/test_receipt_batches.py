"""Receipts packed into messages."""

from datetime import UTC, datetime

from crm.channels.reasons import MAX_REASON
from crm.customers.dead_letters import MAX_PAYLOAD
from crm.delivery.receipt_batches import PACK_SIZE, pack, unpack
from crm.delivery.receipts import Receipt, ReceiptMessage

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def receipt(number: int, reason: str | None = None) -> ReceiptMessage:
    return ReceiptMessage(message_id=f"{number:032x}", status="failed", reason=reason, occurred_at=NOW)


def test_receipts_come_back_as_they_were_packed() -> None:
    receipts = [receipt(number) for number in range(PACK_SIZE + 1)]
    messages = pack(receipts)
    assert [len(unpack(message, NOW)) for message in messages] == [PACK_SIZE, 1]
    assert [found for message in messages for found in unpack(message, NOW)] == receipts


def test_a_dead_letter_keeps_a_whole_message_of_the_longest_receipts() -> None:
    receipts = [
        Receipt(message_id="ü" * 127 + "x", status="failed", reason="“" * MAX_REASON, occurred_at=NOW)
        for _ in range(PACK_SIZE)
    ]
    messages = pack(receipts)
    assert max(map(len, messages)) <= MAX_PAYLOAD
    assert sum(len(unpack(message, NOW)) for message in messages) == PACK_SIZE
