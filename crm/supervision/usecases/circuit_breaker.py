"""The circuit breaker: pauses a campaign whose messages mostly fail, and says why."""

import logging
from dataclasses import dataclass
from datetime import datetime

from crm.access.audit_events import system_event
from crm.campaigns.campaign import Campaign, Stats
from crm.campaigns.ports import CampaignStore
from crm.supervision.progress import Progress, judged

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    """Judges messages in groups of at least `minimum`: opens where the share `threshold` of them failed."""

    campaigns: CampaignStore
    threshold: float
    minimum: int

    async def __call__(self, campaign: Campaign, stats: Stats, progress: Progress, now: datetime) -> Progress:
        """Pause the campaign where too many messages failed since they were last judged.

        The progress after this judgement; unchanged while there are too few messages to judge.
        Raises Conflict where the campaign is no longer sending, Unavailable.
        """
        after = judged(progress, stats)
        failed = after.failed - progress.failed
        messages = max(after.handed - progress.handed, after.outcomes - progress.outcomes)
        if failed >= 0 and 0 <= messages < self.minimum:
            return progress
        if stats.pending and messages > 0 and failed >= self.threshold * messages:
            await self._open(campaign, f"{failed} of the last {messages} messages failed.", now)
        return after

    async def _open(self, campaign: Campaign, reason: str, now: datetime) -> None:
        campaign_id = campaign.campaign_id
        note = f"Paused automatically: {reason}"
        logger.error(
            "campaign paused by its circuit breaker: %s", note, extra={"ids": {"campaign_id": campaign_id}}
        )
        event = system_event("circuit_breaker", "campaign.pause", campaign_id, campaign.name, now, reason)
        await self.campaigns.transition(
            campaign_id, "pause", "circuit_breaker", event=event, note=note, stalled_since=None
        )
