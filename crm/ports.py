"""What the use cases need of the outside, each a small Protocol named by that need."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from crm.domain.receipts import EarlyReceipts, Receipt, RowChange, SeenRow


class Broker(Protocol):
    """Where messages to other functions go."""

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        """Return once every message is durable; raise Unavailable otherwise."""


# Receipts


class ReceiptBook(Protocol):
    """The rows that receipts speak of, and the receipts that came before their row."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def early(self, message_ids: Sequence[str]) -> Sequence[EarlyReceipts]:
        """What came early of these messages, quarantined or not."""

    async def waiting(self, limit: int) -> Sequence[EarlyReceipts]:
        """Up to `limit` of those that wait for their row; over many calls each has its turn."""

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        early: Sequence[Receipt] = (),
        joined: Sequence[EarlyReceipts] = (),
        quarantined: Sequence[EarlyReceipts] = (),
    ) -> None:
        """At once or not at all: change the rows and move the counters with them, keep `early`, forget
        `joined`, and let `quarantined` wait no more. Raises Conflict where any of it has changed since."""
