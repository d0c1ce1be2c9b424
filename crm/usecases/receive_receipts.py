"""Receive receipts: hand them on durably, packed."""

import json
from collections.abc import Sequence

from crm.domain.receipts import Receipt
from crm.ports import Broker

TOPIC = "receipts"

PACK_SIZE = 500
"""Receipts of one message: what one commit applies."""


async def receive_receipts(broker: Broker, receipts: Sequence[Receipt]) -> None:
    """Return once the broker has every receipt. Raises Unavailable otherwise; safe to repeat."""
    packs = [receipts[start : start + PACK_SIZE] for start in range(0, len(receipts), PACK_SIZE)]
    if packs:
        await broker.publish(TOPIC, [_packed(pack) for pack in packs])


def _packed(receipts: Sequence[Receipt]) -> bytes:
    body = {"receipts": [receipt.model_dump(mode="json", exclude_none=True) for receipt in receipts]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
