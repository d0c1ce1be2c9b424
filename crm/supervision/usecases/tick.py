"""The tick: whatever should have happened by now and did not is asked for again; what is over is closed.

It may run twice at once and be killed anywhere: each step is a compare-and-set or a message that handlers
bear twice. One campaign's trouble does not keep the others waiting.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.access.audit_events import system_event
from crm.campaigns.campaign import CHUNK_SIZE, EVERYONE, Campaign, CampaignStatus, Stats
from crm.campaigns.ports import CampaignCounts, CampaignStore, FrozenLists
from crm.campaigns.rate_limit import allowed, paced, size_of
from crm.campaigns.usecases.launch import Launch
from crm.campaigns.usecases.requests import request_chunks
from crm.delivery.ports import FrozenAudience, ReceiptStore, SentMessages
from crm.delivery.receipts import RowChange
from crm.delivery.usecases.apply_receipts import join_early, join_kept
from crm.delivery.usecases.freeze import freeze
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict, CrmError, Invalid, Unavailable
from crm.supervision.closing import closing, silent
from crm.supervision.reconciliation import Progress
from crm.supervision.usecases.resolve import ResolveMessages
from crm.supervision.usecases.sweep_counters import SWEEP_AFTER, sweep_counts
from crm.supervision.usecases.sweep_frozen_lists import sweep_lists
from crm.supervision.usecases.watch import Supervision

logger = logging.getLogger(__name__)

CHUNKS = 500
"""Chunks of one campaign that one tick publishes again."""

EARLY_RECEIPTS = 2_000
SILENT_ROWS = 500
"""Rows that one commit moves to unknown."""

SILENT_COMMITS = 20

REFUSED = "Its rules, its message or its audience do not hold; the campaign says what is wrong."

ATTENTION = timedelta(days=7)
"""How long the tick looks at a campaign that needs attention. A receipt that comes later wakes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What the tick works with. `patience` is how long published work may wait before it is asked for again;
    `silence` is how long after its last chunk a campaign waits for receipts; `grace` is how late one that was
    scheduled may still start."""

    campaigns: CampaignStore
    lists: FrozenLists
    frozen_audience: FrozenAudience
    launch: Launch
    counts: CampaignCounts
    messages: SentMessages
    receipts: ReceiptStore
    supervision: Supervision
    resolution: ResolveMessages
    broker: Broker
    patience: timedelta
    silence: timedelta
    grace: timedelta

    async def __call__(self, now: datetime) -> None:
        """Do all that is due. Raises after the rest is done: Unavailable where a dependency was away, and
        whatever a bug raises over one campaign."""
        await join_early(self.receipts, EARLY_RECEIPTS, now)
        needs_tick = await self.campaigns.needs_tick()
        # The campaigns are read before their counts: an audience only ever becomes known, never smaller.
        counts = await self.counts.read(needs_tick)
        progress = await self.supervision.progress.read([campaign.campaign_id for campaign in needs_tick])
        failed: Exception | None = None
        for campaign in needs_tick:
            stats = Stats(audience=campaign.audience or 0, counts=counts[campaign.campaign_id][EVERYONE])
            try:
                await self._tend(campaign, stats, progress.get(campaign.campaign_id), now)
            except Conflict:
                logger.info(
                    "campaign moved on by itself", extra={"ids": {"campaign_id": campaign.campaign_id}}
                )
            except Exception as error:
                ids = {"campaign_id": campaign.campaign_id}
                logger.exception("the tick could not tend the campaign", extra={"ids": ids})
                failed = error
        await sweep_lists(self.campaigns, self.lists, now)
        await sweep_counts(self.campaigns, self.supervision.book, now)
        if isinstance(failed, CrmError):
            raise Unavailable(f"Not every campaign could be needs_tick: {failed}") from failed
        if failed is not None:
            raise failed

    async def _tend(self, campaign: Campaign, stats: Stats, seen: Progress | None, now: datetime) -> None:
        if campaign.status == "scheduled":
            await self._start(campaign, now)
            return
        is_true = await self.supervision.watch(campaign, stats, seen, now)
        if campaign.status == "launching":
            if campaign.launched_at is not None and campaign.launched_at + self.patience <= now:
                name = campaign.campaign_id
                await freeze(self.campaigns, self.lists, self.frozen_audience, self.broker, name)
        elif is_true:
            await self._push_on(campaign, stats, now)

    async def _start(self, campaign: Campaign, now: datetime) -> None:
        if campaign.schedule_at is None or campaign.schedule_at > now:
            return
        name = campaign.campaign_id
        if campaign.schedule_at + self.grace < now:
            note = "Its time passed and nothing could start it. Launch it by hand, or choose another time."
            logger.error("campaign missed its time", extra={"ids": {"campaign_id": name}})
            event = system_event("schedule", "campaign.miss", name, campaign.name, now)
            await self.campaigns.transition(
                name, "miss", "schedule", expected=campaign, event=event, note=note
            )
            return
        try:
            await self.launch(name, now, due=campaign)
        except Invalid as error:
            event = system_event("schedule", "campaign.launch", name, campaign.name, now, REFUSED, "refused")
            await self.campaigns.transition(
                name, "reject", "schedule", expected=campaign, event=event, note=str(error)
            )

    async def _push_on(self, campaign: Campaign, stats: Stats, now: datetime) -> None:
        name = campaign.campaign_id
        if stats.pending:
            due = await self._may_go(campaign, now)
            await request_chunks(self.broker, campaign, due)
            await self.frozen_audience.postpone(name, due, now, now + self.patience)
        if campaign.resolution is not None:
            await self.resolution(campaign, now)
            return
        last = None if stats.pending else await self.frozen_audience.last_done(name)
        verdict = closing(campaign, stats, last, now, self.silence)
        if verdict == "expire":
            await self._expire(name, now)
        elif verdict != "wait":
            await self._close(campaign, stats, verdict, now)

    async def _may_go(self, campaign: Campaign, now: datetime) -> Sequence[str]:
        """The chunks that wait too long; of a campaign with a rate, as many as may go by now."""
        name, rate = campaign.campaign_id, campaign.rate
        if rate is None or campaign.status != "sending":
            return await self.frozen_audience.due(name, now, CHUNKS)
        size = size_of(campaign, CHUNK_SIZE)
        chunks = allowed(campaign.next_send_at, now, rate, size)
        due = await self.frozen_audience.due(name, now, min(chunks, CHUNKS)) if chunks else ()
        if due:
            # Taken before they are published: of two ticks at once one does it.
            until = paced(campaign.next_send_at, now, rate, size, len(due))
            await self.campaigns.transition(name, "use_rate", "tick", expected=campaign, next_send_at=until)
        return due

    async def _close(self, campaign: Campaign, stats: Stats, verdict: CampaignStatus, now: datetime) -> None:
        """Move to the last status, or from needing attention to finished; only from what was read."""
        note = _note(stats.counts.unknown)
        over = campaign.finished_at is not None and campaign.finished_at + ATTENTION <= now
        is_known = campaign.finished_at is not None and (verdict, note) == (campaign.status, campaign.note)
        if is_known and verdict == "needs_attention" and not over:
            return  # others that are over, and were reopen_count by a receipt, go back to rest
        if not await self.supervision.is_true(campaign, now):
            return
        if campaign.audience is None and campaign.frozen_list is not None:
            # The list first: without it nobody makes chunks any more.
            await self.lists.forget(campaign.frozen_list)
            await self.frozen_audience.discard(campaign.campaign_id)
        finished_at = campaign.finished_at if verdict == campaign.status else now
        await self.campaigns.transition(
            campaign.campaign_id,
            "close",
            "tick",
            to=verdict,
            expected=campaign,
            finished_at=finished_at or now,
            note=note,
            stalled_since=None,
            watch_ended=over,
            sweep_at=now + SWEEP_AFTER,
        )

    async def _expire(self, campaign_id: str, now: datetime) -> None:
        """Move the rows that wait for receipts to unknown, after a last look for receipts that came early."""
        for _ in range(SILENT_COMMITS):
            rows = await self.messages.of_campaign(campaign_id, SILENT_ROWS, "accepted")
            if not rows:
                return
            names = [row.message_id for row in rows]
            await join_kept(self.receipts, names, now)
            seen = (await self.receipts.rows(names)).values()
            changes: Sequence[RowChange] = [
                RowChange(item, silent(item.row, now, self.silence))
                for item in seen
                if item.row.status == "accepted"
            ]
            await self.receipts.commit(changes=changes)


def _note(unknown: int) -> str | None:
    if unknown == 1:
        return "1 message is unknown."
    return f"{unknown} messages are unknown." if unknown else None
