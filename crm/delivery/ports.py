"""What several use cases need of the outside: the frozen audience, the communication log, receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.campaigns.campaign import Campaign, RowStatus
from crm.campaigns.frozen_list import FrozenPart
from crm.delivery.chunk import Chunk
from crm.delivery.freezing import FrozenPartition
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt
from crm.delivery.row_changes import RowChange, SeenRow
from crm.delivery.unmatched_receipts import Quarantined, UnmatchedReceipts


class SentMessages(Protocol):
    """The communication log, read by campaign."""

    async def of_campaign(
        self, campaign_id: str, limit: int, status: RowStatus | None = None, after: str | None = None
    ) -> Sequence[LogRow]:
        """Up to `limit` rows in the order of their message ids, those after the id `after`."""


class FrozenAudience(Protocol):
    """The recipients of a campaign as chunks, partition by partition. Every method raises Unavailable."""

    async def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        """In one commit: delete a part of the frozen list, write its marker and its chunks.

        Raises Conflict where the part has changed since it was read.
        """

    async def discard(self, campaign_id: str) -> None:
        """Delete all chunks and markers. Safe to repeat."""

    async def frozen(self, campaign_id: str, partitions: int) -> Mapping[int, FrozenPartition]:
        """The markers that exist, by partition."""

    async def due(self, campaign_id: str, now: datetime, limit: int) -> Sequence[str]:
        """The ids of up to `limit` pending chunks whose lease or waiting time is over, longest due first."""

    async def postpone(
        self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime
    ) -> None:
        """Make those of the chunks that are due now due at `until`."""

    async def last_done(self, campaign_id: str) -> datetime | None:
        """When the last chunk was finished."""


class ReceiptStore(Protocol):
    """The rows that receipts change, and receipts without a row. Every method raises Unavailable."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def unmatched(self, message_ids: Sequence[str]) -> Sequence[UnmatchedReceipts]:
        """The unmatched receipts of these messages, quarantined or not."""

    async def waiting(self, limit: int) -> Sequence[str]:
        """The ids of up to `limit` messages whose receipts wait for a row, starting at a random one."""

    async def due_in_quarantine(self, now: datetime, limit: int) -> Sequence[str]:
        """The ids of up to `limit` messages in quarantine whose row should be looked for again."""

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        unmatched: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        """In one commit: change rows and counters, add `unmatched`, delete `joined`, update `quarantined`.

        Raises Conflict where any of them has changed since it was read.
        """
