"""The circuit: a campaign whose messages mostly fail pauses by itself, and says why."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.access.audit_events import system_event
from crm.campaigns.campaign import EVERYONE, Campaign, Stats
from crm.campaigns.ports import CampaignCounts, CampaignStore
from crm.delivery.log import LogRow
from crm.kernel.errors import Conflict, Unavailable
from crm.supervision.ports import ProgressStore
from crm.supervision.reconciliation import Progress, judged, seen

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Opens where of the last messages, at least `minimum`, a share of `threshold` or more failed."""

    campaigns: CampaignStore
    counts: CampaignCounts
    progress: ProgressStore
    threshold: float
    minimum: int

    async def after(self, campaign: Campaign, rows: Sequence[LogRow], now: datetime) -> None:
        """Look at the campaign where most of the rows just written failed. The tick looks in any case."""
        failed = sum(row.status == "failed" for row in rows)
        if not rows or failed < self.threshold * len(rows):
            return
        name = campaign.campaign_id
        try:
            counts = (await self.counts.read([campaign]))[name][EVERYONE]
            stats = Stats(audience=campaign.audience or 0, counts=counts)
            before = (await self.progress.read([name])).get(name)
            progress = before or seen(None, stats, campaign.launched_at or campaign.created_at)
            watched = await self.watch(campaign, stats, progress, now)
            if watched != progress:
                await self.progress.write(name, watched)
        except (Conflict, Unavailable):
            logger.warning("the circuit is left to the tick", extra={"ids": {"campaign_id": name}})

    async def watch(self, campaign: Campaign, stats: Stats, progress: Progress, now: datetime) -> Progress:
        """Pause the campaign where too much failed since the last full look; the progress after this one.

        Raises Conflict where it is not sending any more, Unavailable.
        """
        after = judged(progress, stats)
        failed = after.failed - progress.failed
        messages = max(after.handed - progress.handed, after.outcomes - progress.outcomes)
        if failed >= 0 and 0 <= messages < self.minimum:
            return progress
        if stats.pending and messages > 0 and failed >= self.threshold * messages:
            reason = f"{failed} of the last {messages} messages failed."
            note = f"Paused by itself: {reason}"
            ids = {"campaign_id": campaign.campaign_id}
            logger.error("campaign paused by its circuit: %s", note, extra={"ids": ids})
            name = campaign.campaign_id
            event = system_event("circuit", "campaign.pause", name, campaign.name, now, reason)
            await self.campaigns.transition(
                name, "pause", "circuit_breaker", event=event, note=note, stalled_since=None
            )
        return after
