"""Make chunks of a frozen list, partition by partition, each in one commit; then start the sending."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore, FrozenLists
from crm.campaigns.usecases.requests import request_chunks, request_partitions
from crm.delivery.freezing import chunks_of
from crm.delivery.ports import FrozenAudience
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict, NotFound

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 10_000
"""Partitions that one call asks for: those of fifty million recipients."""


async def freeze(
    campaigns: CampaignStore,
    lists: FrozenLists,
    frozen_audience: FrozenAudience,
    broker: Broker,
    campaign_id: str,
) -> None:
    """Ask for every partition that has no chunks yet; where all have, start the sending. Safe to repeat."""
    campaign = await campaigns.get(campaign_id)
    if campaign.status != "launching" or campaign.frozen_list is None:
        return
    missing = await lists.left(campaign.frozen_list, ASKED_AT_ONCE)
    if missing:
        await request_partitions(broker, campaign_id, missing)
    else:
        await _start(campaigns, lists, frozen_audience, broker, campaign)


async def freeze_partition(
    campaigns: CampaignStore,
    lists: FrozenLists,
    frozen_audience: FrozenAudience,
    broker: Broker,
    campaign_id: str,
    partition: int,
    now: datetime,
    patience: timedelta,
) -> None:
    """Make chunks of one partition, and start the sending where it was the last one.

    Who they are was decided at launch. The commit that writes the chunks takes the part off the list, so a
    repeated or competing worker changes nothing. The tick publishes a chunk again `patience` after it was
    written, should it still wait then. Raises Unavailable, NotFound.
    """
    campaign = await campaigns.get(campaign_id)
    if campaign.status != "launching" or campaign.frozen_list is None:
        return
    if partition >= campaign.partitions:
        raise NotFound("There is no such part of the audience.")
    part = await lists.part(campaign.frozen_list, partition)
    if part is not None:
        chunks = chunks_of(campaign, partition, part.customer_ids)
        due_at = now if campaign.rate else now + patience
        with suppress(Conflict):  # done in the meantime, or cancelled
            await frozen_audience.freeze(campaign, partition, part, chunks, due_at)
            ids = {"campaign_id": campaign_id, "partition": partition}
            logger.info("part of the audience made into %d chunks", len(chunks), extra={"ids": ids})
    if not await lists.left(campaign.frozen_list, 1):
        await _start(campaigns, lists, frozen_audience, broker, campaign)


async def _start(
    campaigns: CampaignStore,
    lists: FrozenLists,
    frozen_audience: FrozenAudience,
    broker: Broker,
    campaign: Campaign,
) -> None:
    """From launching to sending, with the count of the audience; whoever does that publishes the chunks."""
    frozen = await frozen_audience.frozen(campaign.campaign_id, campaign.partitions)
    total = sum(part.recipients for part in frozen.values())
    if (await campaigns.get(campaign.campaign_id)).status != "launching":
        return
    if len(frozen) != campaign.partitions:
        raise NotFound(f"Of {campaign.partitions} parts of the audience only {len(frozen)} are there.")
    try:
        await campaigns.transition(campaign.campaign_id, "start_sending", "delivery", audience=total)
    except Conflict:
        return
    if campaign.frozen_list is not None:
        await lists.forget(campaign.frozen_list)
    if campaign.rate:
        return  # the tick publishes as many as may go
    names = [name for part in frozen.values() for name in part.chunk_ids]
    await request_chunks(broker, campaign, names)
