"""Close a campaign that is over, and reopen or settle a closed one when late receipts change its figures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign, CampaignStatus, Stats
from crm.campaigns.ports import CampaignStore, FrozenLists
from crm.delivery.ports import FrozenAudience
from crm.supervision.closing import unknown_note
from crm.supervision.usecases.sweep_counters import SWEEP_AFTER
from crm.supervision.usecases.verify_counters import VerifyCounters

ATTENTION = timedelta(days=7)
"""How long the tick looks at a campaign that needs attention. A later receipt reopens it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Gives a campaign its last status, only as it was read and only by verified counters."""

    campaigns: CampaignStore
    lists: FrozenLists
    frozen_audience: FrozenAudience
    verify_counters: VerifyCounters

    async def __call__(self, campaign: Campaign, stats: Stats, status: CampaignStatus, now: datetime) -> None:
        """Change to `status`. Raises Conflict where the campaign has changed since, Unavailable."""
        note = unknown_note(stats.counts.unknown)
        was_closed = campaign.finished_at is not None
        is_over = campaign.finished_at is not None and campaign.finished_at + ATTENTION <= now
        is_same = was_closed and (status, note) == (campaign.status, campaign.note)
        if is_same and status == "needs_attention" and not is_over:
            return
        if not await self.verify_counters(campaign, now):
            return
        if campaign.audience is None and campaign.frozen_list is not None:
            # The list first: without it no worker writes further chunks.
            await self.lists.delete(campaign.frozen_list)
            await self.frozen_audience.discard(campaign.campaign_id)
        finished_at = campaign.finished_at if status == campaign.status else now
        await self.campaigns.transition(
            campaign.campaign_id,
            "close",
            "tick",
            to=status,
            expected=campaign,
            finished_at=finished_at or now,
            note=note,
            stalled_since=None,
            watch_ended=is_over,
            sweep_at=now + SWEEP_AFTER,
        )
