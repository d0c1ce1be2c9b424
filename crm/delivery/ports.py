"""Chunks on their way to the vendor, and what became of each message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.campaigns.campaign import Campaign, Chunk, LogRow, RowStatus
from crm.customers.customer import Customer
from crm.customers.records import Channel
from crm.delivery.receipts import RowChange, SeenRow
from crm.delivery.sending import Claim, Outgoing, Verdict


class ChunkWork(Protocol):
    """One chunk in the hands of one worker."""

    async def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        """The chunk under a lease; None where it is done or another worker holds it.

        Raises Resting while the chunk rests because the vendor asked to wait, NotFound.
        """

    async def release(self, claim: Claim, *, in_doubt: bool, rest_until: datetime | None) -> None:
        """Give the chunk back. Raises Conflict where the lease was lost."""

    async def finish(self, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        """Write the rows, count them, mark the chunk done, all at once. Raises Conflict without the lease."""


class Recipients(Protocol):
    """The customers as they are now."""

    async def get(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        """Those that exist, by id."""


class Links(Protocol):
    """Where recipients unsubscribe."""

    def to(self, customer_id: str, channel: Channel, message_id: str) -> str:
        """The link in this message to this customer; the same whenever it is asked for."""


class Vendor(Protocol):
    """Who carries the messages."""

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, Verdict]:
        """Hand over a batch; what was said of each, by message id. Raises VendorAway, VendorRefused."""


class SentMessages(Protocol):
    """The communication log, read by campaign."""

    async def of_campaign(
        self, campaign_id: str, limit: int, status: RowStatus | None = None, after: str | None = None
    ) -> Sequence[LogRow]:
        """Up to `limit` rows by message id."""


class ReworkBook(Protocol):
    """Rows that are moved because somebody decided so."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def commit(
        self, campaign: Campaign, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime
    ) -> None:
        """At once or not at all: change the rows, move the counters, add the chunk. Raises Conflict where a
        row has changed since, and where the campaign is no longer at this decision of its round."""
