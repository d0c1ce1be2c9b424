"""Resolution a campaign: send failed messages anew, or do what somebody decided on unknown ones.

Asking marks the campaign; then rows are moved commit by commit, by whoever asked and by the tick, until none
is left of those that the round is about. A message that is sent anew has a new id. Its old row becomes
`retried` in the commit that makes the chunk, so the recipient is pending again and counted once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.campaign import CHUNK_SIZE, EVERYONE, Campaign, Resolution
from crm.campaigns.lifecycle import require
from crm.campaigns.ports import CampaignCounts, CampaignStore
from crm.campaigns.rate_limit import size_of
from crm.campaigns.usecases.requests import left_to_the_tick, request_chunks
from crm.delivery.log import LogRow
from crm.delivery.ports import SentMessages
from crm.delivery.receipts import RowChange
from crm.kernel.broker import Broker
from crm.supervision.ports import ResolutionStore
from crm.supervision.resolution import RESOLVES, resolution_chunk, resolved

COMMITS = 10
"""Commits of one call. The tick makes the others."""


async def request_resolution(
    campaigns: CampaignStore, counts: CampaignCounts, campaign_id: str, resolution: Resolution, now: datetime
) -> Campaign:
    """Mark the campaign, which is sending again. Harmless to repeat, and where there is no such row.

    Raises Conflict where it is not sending or over, or is being resolved otherwise; NotFound.
    """
    campaign = await campaigns.get(campaign_id)
    require(campaign, resolution, "marketer")
    if campaign.resolution == resolution:
        return campaign
    found = (await counts.read([campaign]))[campaign_id][EVERYONE]
    if not getattr(found, RESOLVES[resolution]):
        return campaign
    return await campaigns.transition(
        campaign_id,
        resolution,
        "marketer",
        expected=campaign,
        resolution=resolution,
        resolved_to=None,
        retry_round=campaign.retry_round + 1,
        assume_delivered=campaign.assume_delivered or resolution == "take_as_sent",
        finished_at=None,
        resumed_at=now,
        note=None,
        stalled_since=None,
        watch_ended=False,
        sweep_at=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveMessages:
    """What the moving of rows works with. The tick publishes a chunk again `patience` after it was made."""

    campaigns: CampaignStore
    messages: SentMessages
    book: ResolutionStore
    broker: Broker
    patience: timedelta

    async def __call__(self, campaign: Campaign, now: datetime) -> None:
        """Move some rows on; after the last the campaign is no longer marked.

        Raises Conflict where others move the same rows or the campaign changes; Unavailable. Safe to repeat.
        """
        resolution = campaign.resolution
        if resolution is None or campaign.status != "sending":
            return
        size = size_of(campaign, CHUNK_SIZE)
        left: Resolution | None = resolution
        after = campaign.resolved_to
        for _ in range(COMMITS):
            page = await self.messages.of_campaign(campaign.campaign_id, size, RESOLVES[resolution], after)
            # A message of this round that failed by now waits for the next one.
            await self._move(
                campaign, resolution, [row for row in page if row.retry_round < campaign.retry_round], now
            )
            if not page:
                left = None
                break
            after = page[-1].message_id
        # Only from what was read: whoever was faster, or asked for a new round, is not overruled.
        await self.campaigns.transition(
            campaign.campaign_id,
            "continue_resolution",
            "tick",
            expected=campaign,
            resolution=left,
            resolved_to=after,
        )

    async def _move(
        self, campaign: Campaign, resolution: Resolution, rows: Sequence[LogRow], now: datetime
    ) -> None:
        seen = (await self.book.rows([row.message_id for row in rows])).values()
        wanted = [item for item in seen if item.row.status == RESOLVES[resolution]]
        if not wanted:
            return
        changes = [RowChange(item, resolved(item.row, resolution, now)) for item in wanted]
        is_sent = resolution != "take_as_sent"
        chunk = resolution_chunk(campaign, [item.row for item in wanted]) if is_sent else None
        await self.book.commit(campaign, changes, chunk, now if campaign.rate else now + self.patience)
        if chunk is not None and not campaign.rate:
            with left_to_the_tick(campaign.campaign_id):
                await request_chunks(self.broker, campaign, [chunk.chunk_id])
