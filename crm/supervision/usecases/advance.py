"""Advance a campaign: do again what was lost, do next what is due, close what is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign, Stats
from crm.campaigns.usecases.request_missing_partitions import RequestMissingPartitions
from crm.delivery.ports import FrozenAudience
from crm.supervision.closing import closing
from crm.supervision.progress import Progress
from crm.supervision.usecases.close import Close
from crm.supervision.usecases.expire_silent import ExpireSilent
from crm.supervision.usecases.publish_due_chunks import PublishDueChunks
from crm.supervision.usecases.resolve_messages import ResolveMessages
from crm.supervision.usecases.start_scheduled import StartScheduled
from crm.supervision.usecases.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The tick's work on one campaign, by its status."""

    start_scheduled: StartScheduled
    watch: Watch
    request_missing_partitions: RequestMissingPartitions
    publish_due_chunks: PublishDueChunks
    resolve_messages: ResolveMessages
    expire_silent: ExpireSilent
    close: Close
    frozen_audience: FrozenAudience
    patience: timedelta
    """How long after the launch a campaign may be launching before its partitions are requested again."""
    silence: timedelta
    """How long after its last chunk a campaign waits for receipts."""

    async def __call__(
        self, campaign: Campaign, stats: Stats, before: Progress | None, now: datetime
    ) -> None:
        """Advance the campaign by one step. Raises Conflict where it changes meanwhile, Unavailable."""
        if campaign.status == "scheduled":
            await self.start_scheduled(campaign, now)
            return
        reliable = await self.watch(campaign, stats, before, now)
        if campaign.status == "launching":
            if campaign.launched_at is not None and campaign.launched_at + self.patience <= now:
                await self.request_missing_partitions(campaign)
        elif reliable:
            await self._send_or_close(campaign, stats, now)

    async def _send_or_close(self, campaign: Campaign, stats: Stats, now: datetime) -> None:
        if stats.pending:
            await self.publish_due_chunks(campaign, now)
        if campaign.resolution is not None:
            await self.resolve_messages(campaign, now)
            return
        last_done = None if stats.pending else await self.frozen_audience.last_done(campaign.campaign_id)
        step = closing(campaign, stats, last_done, now, self.silence)
        if step == "expire":
            await self.expire_silent(campaign.campaign_id, now)
        elif step != "wait":
            await self.close(campaign, stats, step, now)
