"""Receipts and the rows that they speak of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.delivery.receipts import EarlyReceipts, Quarantined, Receipt, RowChange, SeenRow


class ReceiptBook(Protocol):
    """The rows that receipts speak of, and the receipts that came before their row."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def early(self, message_ids: Sequence[str]) -> Sequence[EarlyReceipts]:
        """What came early of these messages, quarantined or not."""

    async def waiting(self, limit: int) -> Sequence[str]:
        """Up to `limit` messages that wait for their row; over many calls each has its turn."""

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[str]:
        """Up to `limit` messages in quarantine whose row should be looked for again."""

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        early: Sequence[Receipt] = (),
        joined: Sequence[EarlyReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        """At once or not at all: change the rows and move the counters with them, keep `early`, forget
        `joined`, and put off `quarantined`. Raises Conflict where any of it has changed since."""
