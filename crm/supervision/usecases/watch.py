"""Watch over a campaign that is on its way: are its figures true, and does anything still move?"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign, Stats
from crm.campaigns.ports import CampaignStore
from crm.supervision.ports import CountStore, ProgressStore
from crm.supervision.reconciliation import Progress, seen
from crm.supervision.usecases.circuit_breaker import Circuit
from crm.supervision.usecases.reconcile import agrees, recount

logger = logging.getLogger(__name__)

CHECK_EVERY = timedelta(minutes=10)

NAMED = 3
"""Chunks that an alarm names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """`stall` is how long a campaign may stand still before somebody is told."""

    campaigns: CampaignStore
    book: CountStore
    progress: ProgressStore
    circuit: Circuit
    stall: timedelta

    async def watch(self, campaign: Campaign, stats: Stats, before: Progress | None, now: datetime) -> bool:
        """Look once; false where the figures were not true, so that nothing may be concluded from them.

        Raises Conflict where the campaign changes meanwhile, Unavailable.
        """
        progress = seen(before, stats, now)
        is_true = True
        if progress.checked_at is None:
            progress = replace(progress, checked_at=now)
        elif progress.recounting or progress.checked_at + CHECK_EVERY <= now:
            is_true = not progress.recounting and await agrees(self.book, campaign)
            recounting = not is_true and not await recount(self.book, campaign, now)
            progress = replace(progress, checked_at=now, recounting=recounting)
        if campaign.status in ("launching", "sending"):
            progress = await self._heed(campaign, progress, now)
        if progress != before:
            await self.progress.write(campaign.campaign_id, progress)
        if campaign.status == "sending" and is_true:
            judged = await self.circuit.watch(campaign, stats, progress, now)
            if judged != progress:
                await self.progress.write(campaign.campaign_id, judged)
        return is_true

    async def is_true(self, campaign: Campaign, now: datetime) -> bool:
        """Whether the counters agree with the rows. Where not, they are corrected, by the next ticks if need
        be."""
        if await agrees(self.book, campaign):
            return True
        name = campaign.campaign_id
        known = (await self.progress.read([name])).get(name)
        if not await recount(self.book, campaign, now) and known is not None:
            await self.progress.write(name, replace(known, recounting=True))
        return False

    async def _heed(self, campaign: Campaign, progress: Progress, now: datetime) -> Progress:
        """Raise the alarm when a campaign stands still, and take it back when it moves again."""
        since = max(filter(None, (progress.since, campaign.resumed_at)))
        if since + self.stall <= now:
            if progress.alarmed:
                return progress
            minutes = int(self.stall / timedelta(minutes=1))
            left = f"{progress.pending} pending{await self._where(campaign)}, "
            left += f"{progress.accepted} without a receipt"
            note = f"Nothing has moved for {minutes} minutes: {left}."
            ids = {"campaign_id": campaign.campaign_id, "status": campaign.status}
            logger.error("campaign stalled: %s", note, extra={"ids": ids})
            await self._report(campaign, note, since)
            return replace(progress, alarmed=True)
        if campaign.stalled_since is not None:
            await self._report(campaign, None, None)
        return progress

    async def _where(self, campaign: Campaign) -> str:
        """The first chunks that are not done, by name."""
        moment = await self.book.moment(campaign)
        chunks = await self.book.waiting(campaign.campaign_id, moment)
        names = [chunk.chunk_id for chunk in chunks[:NAMED]]
        more = ", …" if len(chunks) > NAMED else ""
        return f" (chunks {', '.join(names)}{more})" if names else ""

    async def _report(self, campaign: Campaign, note: str | None, since: datetime | None) -> None:
        await self.campaigns.transition(
            campaign.campaign_id, "report_stall", "tick", note=note, stalled_since=since
        )
