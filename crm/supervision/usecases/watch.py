"""Watch a campaign on its way: check its counters now and then, report a stall, stop it if too much fails."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign, Stats
from crm.supervision.ports import ProgressStore
from crm.supervision.progress import Progress, observed
from crm.supervision.usecases.circuit_breaker import CircuitBreaker
from crm.supervision.usecases.continue_recount import ContinueRecount
from crm.supervision.usecases.counters_agree import CountersAgree
from crm.supervision.usecases.report_stall import ReportStall

CHECK_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One look of the tick at one campaign."""

    progress: ProgressStore
    counters_agree: CountersAgree
    continue_recount: ContinueRecount
    report_stall: ReportStall
    circuit_breaker: CircuitBreaker

    async def __call__(
        self, campaign: Campaign, stats: Stats, before: Progress | None, now: datetime
    ) -> bool:
        """Whether `stats` may be relied on: false while the counters are found or known to be off.

        Raises Conflict where the campaign changes meanwhile, Unavailable.
        """
        progress, reliable = await self._checked(campaign, observed(before, stats, now), now)
        if campaign.status in ("launching", "sending"):
            progress = await self.report_stall(campaign, progress, now)
        if progress != before:
            await self.progress.save(campaign.campaign_id, progress)
        if campaign.status == "sending" and reliable:
            judged = await self.circuit_breaker(campaign, stats, progress, now)
            if judged != progress:
                await self.progress.save(campaign.campaign_id, judged)
        return reliable

    async def _checked(self, campaign: Campaign, progress: Progress, now: datetime) -> tuple[Progress, bool]:
        """The progress, and whether the counters are right, after a check where one is due."""
        if progress.checked_at is None:
            return replace(progress, checked_at=now), True
        if not progress.recounting and now < progress.checked_at + CHECK_EVERY:
            return progress, True
        reliable = not progress.recounting and await self.counters_agree(campaign)
        recounting = not reliable and not await self.continue_recount(campaign, now)
        return replace(progress, checked_at=now, recounting=recounting), reliable
