"""Pause, resume and cancel a campaign that is on its way, or take back its schedule.

Each is a compare-and-set of the status, which every worker reads before it sends a chunk: chunks in work at
this moment (at most one a worker) are finished.
"""

from datetime import datetime

from crm.campaigns.campaign import Campaign, CampaignStatus
from crm.campaigns.ports import CampaignStore, PendingChunks
from crm.campaigns.usecases.requests import left_to_the_tick, request_chunks, request_freezing
from crm.kernel.broker import Broker


async def pause(campaigns: CampaignStore, campaign_id: str) -> Campaign:
    """Send no further chunk. Receipts still count. Raises Conflict unless launching or sending, NotFound."""
    return await campaigns.transition(campaign_id, ("launching", "sending"), "paused")


async def unschedule(campaigns: CampaignStore, campaign_id: str) -> Campaign:
    """Make a draft of what was to launch itself. Raises Conflict unless scheduled or missed, NotFound."""
    campaign = await campaigns.get(campaign_id)
    return await campaigns.transition(
        campaign_id,
        ("scheduled", "missed"),
        "draft",
        expected=campaign,
        schedule_at=None,
        note=None,
        version=campaign.version + 1,
    )


async def resume(
    campaigns: CampaignStore,
    chunks: PendingChunks,
    broker: Broker,
    campaign_id: str,
    now: datetime,
) -> Campaign:
    """Go on where the campaign was paused. Raises Conflict unless paused, NotFound.

    One with a rate does not make up for the time that it was paused.
    """
    campaign = await campaigns.get(campaign_id)
    frozen = campaign.audience is not None
    to: CampaignStatus = "sending" if frozen else "launching"
    resumed = await campaigns.transition(
        campaign_id, ("paused",), to, note=None, next_send_at=None, resumed_at=now
    )
    with left_to_the_tick(campaign_id):
        if not frozen:
            await request_freezing(broker, campaign_id)
        elif not resumed.rate:
            await request_chunks(broker, resumed, await chunks.pending(campaign_id))
    return resumed


async def cancel(
    campaigns: CampaignStore, chunks: PendingChunks, broker: Broker, campaign_id: str
) -> Campaign:
    """Send nothing more, for good. Whoever got nothing yet becomes skipped, with the reason "cancelled".

    That happens chunk by chunk, as sending would, so the figures add up at every moment. Raises Conflict
    unless scheduled, missed, launching, sending or paused; NotFound.
    """
    cancelled = await campaigns.transition(
        campaign_id, ("scheduled", "missed", "launching", "sending", "paused"), "cancelled", resolution=None
    )
    if cancelled.audience is not None:
        with left_to_the_tick(campaign_id):
            await request_chunks(broker, cancelled, await chunks.pending(campaign_id))
    return cancelled
