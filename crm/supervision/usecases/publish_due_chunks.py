"""Publish chunks that are due: those that were lost, or of a campaign with a rate the next ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.campaign import CHUNK_SIZE, Campaign
from crm.campaigns.delivery_requests import DeliveryRequests
from crm.campaigns.ports import CampaignStore
from crm.campaigns.rate_limit import chunks_allowed, next_send_at, size_of
from crm.delivery.ports import FrozenAudience

MAX_CHUNKS = 500
"""Chunks that one call publishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDueChunks:
    """Publishing a chunk twice is harmless: one worker claims it."""

    campaigns: CampaignStore
    frozen_audience: FrozenAudience
    requests: DeliveryRequests
    patience: timedelta
    """How long a published chunk may wait before it is published again."""

    async def __call__(self, campaign: Campaign, now: datetime) -> None:
        """Publish due chunks. Raises Conflict where a concurrent tick publishes them, Unavailable."""
        due = await self._due(campaign, now)
        await self.requests.chunks(campaign, due)
        await self.frozen_audience.postpone(campaign.campaign_id, due, now, now + self.patience)

    async def _due(self, campaign: Campaign, now: datetime) -> Sequence[str]:
        """The chunks to publish; of a campaign with a rate as many as it allows by now."""
        name, rate = campaign.campaign_id, campaign.rate
        if rate is None or campaign.status != "sending":
            return await self.frozen_audience.due(name, now, MAX_CHUNKS)
        size = size_of(campaign, CHUNK_SIZE)
        chunks = chunks_allowed(campaign.next_send_at, now, rate, size)
        due = await self.frozen_audience.due(name, now, min(chunks, MAX_CHUNKS)) if chunks else ()
        if due:
            # Before they are published: of two concurrent ticks one gets a conflict.
            until = next_send_at(campaign.next_send_at, now, rate, size, len(due))
            await self.campaigns.transition(name, "use_rate", "tick", expected=campaign, next_send_at=until)
        return due
