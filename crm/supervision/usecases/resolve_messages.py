"""Resolve messages: change the rows that a resolution concerns, and make chunks that send new messages.

The request's own process makes the first commits, the tick the others. A new message has a new id. Its old
row becomes `retried` in the commit that makes the chunk, so the recipient is pending again and counted once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from crm.campaigns.campaign import CHUNK_SIZE, Campaign, Resolution
from crm.campaigns.delivery_requests import DeliveryRequests, left_to_the_tick
from crm.campaigns.ports import CampaignStore
from crm.campaigns.rate_limit import size_of
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow
from crm.delivery.ports import SentMessages
from crm.delivery.row_changes import RowChange, SeenRow
from crm.supervision.resolution import RESOLVES, resolution_chunk, resolved

COMMITS = 10
"""Commits of one call."""


class ResolutionStore(Protocol):
    """Rows that a resolution changes. Every method raises Unavailable."""

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""

    async def commit(
        self, campaign: Campaign, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime
    ) -> None:
        """In one commit: change rows and counters, and create the chunk.

        Raises Conflict where a row has changed since it was read, or the campaign is no longer sending, at
        this resolution and in this retry round.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveMessages:
    """Carries out what `RequestResolution` marked."""

    campaigns: CampaignStore
    messages: SentMessages
    resolutions: ResolutionStore
    requests: DeliveryRequests
    patience: timedelta
    """The tick publishes a chunk again this long after it was made, if it is still pending."""

    async def __call__(self, campaign: Campaign, now: datetime) -> None:
        """Change some rows; after the last the campaign's mark is removed. Safe to repeat.

        Raises Conflict where others change the same rows or the campaign, Unavailable.
        """
        resolution = campaign.resolution
        if resolution is None or campaign.status != "sending":
            return
        size = size_of(campaign, CHUNK_SIZE)
        remaining: Resolution | None = resolution
        after = campaign.resolved_to
        for _ in range(COMMITS):
            page = await self.messages.of_campaign(campaign.campaign_id, size, RESOLVES[resolution], after)
            if not page:
                remaining = None
                break
            # A message of this round that has failed by now waits for the next round.
            earlier = [row for row in page if row.retry_round < campaign.retry_round]
            await self._resolve(campaign, resolution, earlier, now)
            after = page[-1].message_id
        # Compared with what was read: a faster worker, or a new round, is not overwritten.
        await self.campaigns.transition(
            campaign.campaign_id,
            "continue_resolution",
            "tick",
            expected=campaign,
            resolution=remaining,
            resolved_to=after,
        )

    async def _resolve(
        self, campaign: Campaign, resolution: Resolution, rows: Sequence[LogRow], now: datetime
    ) -> None:
        seen = (await self.resolutions.rows([row.message_id for row in rows])).values()
        current = [item for item in seen if item.row.status == RESOLVES[resolution]]
        if not current:
            return
        changes = [RowChange(item, resolved(item.row, resolution, now)) for item in current]
        sends = resolution != "mark_as_sent"
        chunk = resolution_chunk(campaign, [item.row for item in current]) if sends else None
        due_at = now if campaign.rate else now + self.patience
        await self.resolutions.commit(campaign, changes, chunk, due_at)
        if chunk is not None and not campaign.rate:
            with left_to_the_tick(campaign.campaign_id):
                await self.requests.chunks(campaign, [chunk.chunk_id])
