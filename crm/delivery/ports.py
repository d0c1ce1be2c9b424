"""Chunks on their way to the vendor, and what became of each message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.campaigns.campaign import Campaign, RowStatus
from crm.campaigns.frozen_list import FrozenPart
from crm.customers.customer import Customer
from crm.customers.values import Channel
from crm.delivery.freezing import Frozen
from crm.delivery.log import Chunk, LogRow
from crm.delivery.receipts import Quarantined, Receipt, RowChange, SeenRow, UnmatchedReceipts
from crm.delivery.sending import Claim


class ChunkWork(Protocol):
    """One chunk in the hands of one worker."""

    async def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        """The chunk under a lease; None where it is done or another worker holds it.

        Raises Throttled while the chunk rests because the vendor asked to wait, NotFound.
        """

    async def release(self, claim: Claim, *, possibly_sent: bool, retry_at: datetime | None) -> None:
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


class SentMessages(Protocol):
    """The communication log, read by campaign."""

    async def of_campaign(
        self, campaign_id: str, limit: int, status: RowStatus | None = None, after: str | None = None
    ) -> Sequence[LogRow]:
        """Up to `limit` rows by message id."""


class FrozenAudience(Protocol):
    """The audience of a campaign in chunks, partition by partition."""

    async def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        """Put a marker and chunks in place of a part of the frozen list, at once. Raises Conflict where the
        part is not as it was read."""

    async def discard(self, campaign_id: str) -> None:
        """Delete all chunks and markers. Safe to repeat."""

    async def frozen(self, campaign_id: str, partitions: int) -> Mapping[int, Frozen]:
        """The markers that exist, by partition."""

    async def pending(self, campaign_id: str) -> Sequence[str]:
        """The ids of all chunks that are not done."""

    async def due(self, campaign_id: str, now: datetime, limit: int) -> Sequence[str]:
        """The ids of up to `limit` chunks that are not done and that nobody seems to work on."""

    async def postpone(
        self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime
    ) -> None:
        """Let these not be due before `until`, where they are due now."""

    async def last_done(self, campaign_id: str) -> datetime | None:
        """When the chunk that was done last was done."""


class ReceiptStore(Protocol):
    """The rows that receipts speak of, and the receipts that came before their row."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def early(self, message_ids: Sequence[str]) -> Sequence[UnmatchedReceipts]:
        """What came early of these messages, quarantined or not."""

    async def waiting(self, limit: int) -> Sequence[str]:
        """Up to `limit` messages that wait for their row; over many calls each has its turn."""

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[str]:
        """Up to `limit` messages in quarantine whose row should be looked for again."""

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        early: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        """At once or not at all: change the rows and move the counters with them, keep `early`, forget
        `joined`, and put off `quarantined`. Raises Conflict where any of it has changed since."""


class FailureWatch(Protocol):
    """Watches how many messages of a campaign fail."""

    async def after(self, campaign: Campaign, rows: Sequence[LogRow], now: datetime) -> None:
        """Look at a campaign of which these rows have just been written; pause it if too many fail."""
