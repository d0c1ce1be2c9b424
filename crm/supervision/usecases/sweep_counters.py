"""Sweep counters: some time after a campaign is over, count its rows once and correct whatever is off.

What the tick checks on the way costs little and sees the statuses only. This counts everything: cohorts, and
who opened and clicked.
"""

import logging
from datetime import datetime, timedelta

from crm.campaigns.ports import CampaignStore
from crm.kernel.errors import Conflict
from crm.supervision.ports import CountStore
from crm.supervision.usecases.reconcile import recount

logger = logging.getLogger(__name__)

SWEEP_AFTER = timedelta(days=1)
"""How long after its end a campaign is counted: by then most have opened what they ever open."""

CAMPAIGNS = 5
"""Campaigns that one tick counts."""


async def sweep_counts(campaigns: CampaignStore, book: CountStore, now: datetime) -> None:
    """Count those whose time has come, as far as one tick gets. Safe to repeat.

    One that is larger than what a tick counts ends it: the tick keeps how far it came only if it has time.
    """
    for campaign in await campaigns.to_sweep(now, CAMPAIGNS):
        try:
            if not await recount(book, campaign, now):
                return
            name = campaign.campaign_id
            await campaigns.transition(name, "finish_recount", "tick", expected=campaign, sweep_at=None)
        except Conflict:
            ids = {"campaign_id": campaign.campaign_id}
            logger.info("campaign moved on by itself", extra={"ids": ids})
