"""Freeze one partition: replace its part of the frozen list by chunks, in one commit."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.ports import CampaignLookup, FrozenLists
from crm.delivery.freezing import chunks_of
from crm.delivery.ports import FrozenAudience
from crm.delivery.usecases.start_sending import StartSending
from crm.kernel.errors import Conflict, NotFound

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezePartition:
    """The launch decided who the recipients are; this only cuts them into chunks."""

    campaigns: CampaignLookup
    lists: FrozenLists
    frozen_audience: FrozenAudience
    start_sending: StartSending
    patience: timedelta
    """The tick publishes a chunk again this long after it was written, if it is still pending."""

    async def __call__(self, campaign_id: str, partition: int, now: datetime) -> None:
        """Write the chunks of a partition; after the last partition start sending.

        The commit deletes the part of the list, so a repeated or concurrent call changes nothing.
        Raises NotFound, Unavailable.
        """
        campaign = await self.campaigns.get(campaign_id)
        if campaign.status != "launching" or campaign.frozen_list is None:
            return
        if partition >= campaign.partitions:
            raise NotFound("There is no such part of the audience.")
        part = await self.lists.part(campaign.frozen_list, partition)
        if part is not None:
            chunks = chunks_of(campaign, partition, part.customer_keys)
            due_at = now if campaign.rate else now + self.patience
            with suppress(Conflict):  # another worker froze it, or the campaign was cancelled
                await self.frozen_audience.freeze(campaign, partition, part, chunks, due_at)
                ids = {"campaign_id": campaign_id, "partition": partition}
                logger.info("partition cut into %d chunks", len(chunks), extra={"ids": ids})
        if not await self.lists.remaining(campaign.frozen_list, 1):
            await self.start_sending(campaign)
