"""Freeze a campaign's audience: partition by partition, each in one commit, then start the sending."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

from crm.domain.campaigns import Campaign
from crm.domain.delivery import Frozen, chunks_of, partition_of
from crm.domain.errors import Conflict, NotFound
from crm.domain.rules import parse
from crm.ports import Audience, Broker, CampaignBook, FrozenAudience
from crm.usecases.audience import recipients
from crm.usecases.requests import request_chunks, request_partitions


async def freeze(
    campaigns: CampaignBook, frozen_audience: FrozenAudience, broker: Broker, campaign_id: str
) -> None:
    """Ask for every partition that is not frozen yet; where all are, start the sending. Safe to repeat."""
    campaign = await campaigns.get(campaign_id)
    if campaign.status != "launching":
        return
    frozen = await frozen_audience.frozen(campaign_id, campaign.partitions)
    missing = [n for n in range(campaign.partitions) if n not in frozen]
    if missing:
        await request_partitions(broker, campaign_id, missing)
    else:
        await _start(campaigns, broker, campaign, frozen)


async def freeze_partition(
    campaigns: CampaignBook,
    frozen_audience: FrozenAudience,
    audience: Audience,
    broker: Broker,
    campaign_id: str,
    partition: int,
    now: datetime,
    zone: tzinfo,
    patience: timedelta,
) -> None:
    """Write one partition's recipients down, and start the sending where it was the last one.

    The rules are those that launch froze, at the moment of the launch. A partition is written once: what a
    repeated or competing worker finds is dropped. The tick publishes a chunk again `patience` after it was
    written, should it still wait then. Raises Unavailable, NotFound.
    """
    campaign = await campaigns.get(campaign_id)
    if campaign.status != "launching" or campaign.frozen_at is None:
        return
    if partition >= campaign.partitions:
        raise NotFound("There is no such part of the audience.")
    frozen = await frozen_audience.frozen(campaign_id, campaign.partitions)
    if partition not in frozen:
        snapshot = await audience.snapshot()
        reachable = recipients(
            snapshot, parse(campaign.rules, zone=zone), campaign.frozen_at, zone, campaign.channel
        )
        members = [name for name in reachable if partition_of(name, campaign.partitions) == partition]
        chunks = chunks_of(campaign, partition, members)
        with suppress(Conflict):  # frozen in the meantime, and that is what counts
            due_at = now if campaign.rate else now + patience
            await frozen_audience.freeze(campaign_id, partition, chunks, due_at)
        frozen = await frozen_audience.frozen(campaign_id, campaign.partitions)
    if len(frozen) == campaign.partitions:
        await _start(campaigns, broker, campaign, frozen)


async def _start(
    campaigns: CampaignBook, broker: Broker, campaign: Campaign, frozen: Mapping[int, Frozen]
) -> None:
    """From launching to sending, with the count of the audience; whoever does that publishes the chunks."""
    total = sum(part.recipients for part in frozen.values())
    try:
        await campaigns.transition(campaign.campaign_id, ("launching",), "sending", audience=total)
    except Conflict:
        return
    if campaign.rate:
        return  # the tick publishes as many as may go
    names = [name for part in frozen.values() for name in part.chunk_ids]
    await request_chunks(broker, campaign.campaign_id, names)
