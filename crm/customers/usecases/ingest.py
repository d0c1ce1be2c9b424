"""Ingest: hand checked records to the broker; the consumer stores them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.customers.packs import MODELS, SOURCE, Record, pack
from crm.kernel.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """Publishes records of both kinds, many to a message."""

    broker: Broker

    async def __call__(self, records: Sequence[Record]) -> None:
        """Return once the broker has every record. Raises Unavailable."""
        messages: list[bytes] = []
        for kind, model in MODELS.items():
            messages += pack(kind, (record for record in records if isinstance(record, model)))
        if messages:
            await self.broker.publish(SOURCE, messages)
