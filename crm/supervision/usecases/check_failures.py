"""Check failures right after a chunk, so that the circuit breaker need not wait for the tick."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.campaigns.campaign import EVERYONE, Campaign, Stats
from crm.campaigns.ports import CampaignCounts
from crm.delivery.log import LogRow
from crm.kernel.errors import Conflict, Unavailable
from crm.supervision.ports import ProgressStore
from crm.supervision.progress import observed
from crm.supervision.usecases.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailures:
    """`crm.delivery.usecases.dispatch.FailureCheck`. Where it fails, the next tick does the same."""

    counts: CampaignCounts
    progress: ProgressStore
    circuit_breaker: CircuitBreaker

    async def __call__(self, campaign: Campaign, rows: Sequence[LogRow], now: datetime) -> None:
        """Run the circuit breaker where most of the rows just written failed."""
        failed = sum(row.status == "failed" for row in rows)
        if not rows or failed < self.circuit_breaker.threshold * len(rows):
            return
        campaign_id = campaign.campaign_id
        try:
            counts = (await self.counts.by_group([campaign]))[campaign_id][EVERYONE]
            stats = Stats(audience=campaign.audience or 0, counts=counts)
            before = (await self.progress.of_campaigns([campaign_id])).get(campaign_id)
            progress = before or observed(None, stats, campaign.launched_at or campaign.created_at)
            judged = await self.circuit_breaker(campaign, stats, progress, now)
            if judged != progress:
                await self.progress.save(campaign_id, judged)
        except (Conflict, Unavailable):
            logger.warning("failures are left to the tick", extra={"ids": {"campaign_id": campaign_id}})
