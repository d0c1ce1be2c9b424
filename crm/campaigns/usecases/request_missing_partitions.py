"""Freeze the audience of a launched campaign: publish a message for each partition that has no chunks yet."""

from dataclasses import dataclass

from crm.campaigns.ports import CampaignLookup, FrozenLists
from crm.campaigns.usecases.requests import request_partitions
from crm.delivery.usecases.start_sending import StartSending
from crm.kernel.broker import Broker

MAX_PARTITIONS = 10_000
"""Partitions that one call publishes: those of fifty million recipients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Called when the campaign is launched, and by the tick where partitions are still missing."""

    campaigns: CampaignLookup
    lists: FrozenLists
    broker: Broker
    start_sending: StartSending

    async def __call__(self, campaign_id: str) -> None:
        """Publish the missing partitions; where none is missing, start sending. Safe to repeat.

        Raises NotFound, Unavailable.
        """
        campaign = await self.campaigns.get(campaign_id)
        if campaign.status != "launching" or campaign.frozen_list is None:
            return
        missing = await self.lists.remaining(campaign.frozen_list, MAX_PARTITIONS)
        if missing:
            await request_partitions(self.broker, campaign_id, missing)
        else:
            await self.start_sending(campaign)
