"""Start sending: move a campaign whose whole audience is in chunks from launching to sending."""

from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.ports import CampaignStore, FrozenLists
from crm.delivery.ports import FrozenAudience
from crm.kernel.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSending:
    """Of concurrent workers one makes the transition; that one publishes the chunks."""

    campaigns: CampaignStore
    lists: FrozenLists
    frozen_audience: FrozenAudience
    requests: DeliveryRequests

    async def __call__(self, campaign: Campaign) -> None:
        """Store the size of the audience and publish every chunk, unless the campaign has a rate: then the
        tick publishes as many as the rate allows. Safe to repeat.

        Raises NotFound where a partition is missing, Unavailable.
        """
        frozen = await self.frozen_audience.frozen(campaign.campaign_id, campaign.partitions)
        total = sum(part.recipients for part in frozen.values())
        if (await self.campaigns.get(campaign.campaign_id)).status != "launching":
            return
        if len(frozen) != campaign.partitions:
            raise NotFound(f"Of {campaign.partitions} parts of the audience only {len(frozen)} are there.")
        try:
            await self.campaigns.transition(campaign.campaign_id, "start_sending", "delivery", audience=total)
        except Conflict:
            return
        if campaign.frozen_list is not None:
            await self.lists.delete(campaign.frozen_list)
        if not campaign.rate:
            chunk_ids = [name for part in frozen.values() for name in part.chunk_ids]
            await self.requests.chunks(campaign, chunk_ids)
