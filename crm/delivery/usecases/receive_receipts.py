"""Receive receipts: publish what a vendor posted, packed, so that it is durable before the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.delivery.receipt_batches import SOURCE, pack
from crm.delivery.receipts import Receipt
from crm.kernel.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReceipts:
    """Publishes receipts to be applied."""

    broker: Broker

    async def __call__(self, receipts: Sequence[Receipt]) -> None:
        """Return once the broker has every receipt. Raises Unavailable otherwise; safe to repeat."""
        messages = pack(receipts)
        if messages:
            await self.broker.publish(SOURCE, messages)
