"""Report a campaign in which nothing has moved for long, and withdraw the report when it moves again."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore
from crm.supervision.ports import CountStore
from crm.supervision.progress import Progress

logger = logging.getLogger(__name__)

NAMED = 3
"""Chunks that a report names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStall:
    """Logs an error, which alerts the operator, and notes the stall on the campaign."""

    campaigns: CampaignStore
    counts: CountStore
    stall: timedelta
    """Report after this long without progress."""

    async def __call__(self, campaign: Campaign, progress: Progress, now: datetime) -> Progress:
        """The progress, `alarmed` once the stall is reported. Raises Conflict, Unavailable."""
        since = max(filter(None, (progress.since, campaign.resumed_at)))
        if since + self.stall > now:
            if campaign.stalled_since is not None:
                await self._report(campaign, None, None)
            return progress
        if progress.alarmed:
            return progress
        minutes = int(self.stall / timedelta(minutes=1))
        left = f"{progress.pending} pending{await self._first_chunks(campaign)}, "
        left += f"{progress.accepted} without a receipt"
        note = f"Nothing has moved for {minutes} minutes: {left}."
        ids = {"campaign_id": campaign.campaign_id, "status": campaign.status}
        logger.error("campaign stalled: %s", note, extra={"ids": ids})
        await self._report(campaign, note, since)
        return replace(progress, alarmed=True)

    async def _first_chunks(self, campaign: Campaign) -> str:
        """The first pending chunks by name."""
        snapshot = await self.counts.snapshot(campaign)
        chunks = await self.counts.pending_chunks(campaign.campaign_id, snapshot)
        names = [chunk.chunk_id for chunk in chunks[:NAMED]]
        more = ", …" if len(chunks) > NAMED else ""
        return f" (chunks {', '.join(names)}{more})" if names else ""

    async def _report(self, campaign: Campaign, note: str | None, since: datetime | None) -> None:
        await self.campaigns.transition(
            campaign.campaign_id, "report_stall", "tick", note=note, stalled_since=since
        )
