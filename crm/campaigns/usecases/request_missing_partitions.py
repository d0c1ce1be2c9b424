"""Request the partitions of a launching campaign that are not cut into chunks yet."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.ports import FrozenLists

MAX_PARTITIONS = 10_000
"""Partitions that one call requests: those of fifty million recipients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMissingPartitions:
    """Called when a campaign resumes launching, and by the tick for one that is launching for too long."""

    lists: FrozenLists
    requests: DeliveryRequests

    async def __call__(self, campaign: Campaign) -> None:
        """Request the missing partitions. Safe to repeat, and for a campaign that is no longer launching.

        Where none is missing, a worker was killed before the start, or met a pause: the first partition is
        requested, whose handler finds all of them cut and starts sending. Raises Unavailable.
        """
        if campaign.frozen_list is not None:
            missing = await self.lists.remaining(campaign.frozen_list, MAX_PARTITIONS)
            await self.requests.partitions(campaign.campaign_id, missing or (0,))
