"""Change the rate of a campaign on its way, in messages a minute."""

from dataclasses import dataclass

from crm.campaigns.campaign import CHUNK_SIZE, Campaign
from crm.campaigns.delivery_requests import DeliveryRequests, left_to_the_tick
from crm.campaigns.lifecycle import require
from crm.campaigns.ports import CampaignStore, PendingChunks
from crm.campaigns.rate_limit import size_of
from crm.kernel.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRate:
    """Chunks being sent now are finished. Chunks requested under the old rate are ignored; the tick requests
    them again."""

    campaigns: CampaignStore
    chunks: PendingChunks
    requests: DeliveryRequests

    async def __call__(self, campaign_id: str, rate: int | None) -> Campaign:
        """The campaign with `rate` messages a minute; None for no limit.

        Raises Invalid at "rate" where a single chunk holds more messages; Conflict unless the campaign is
        sending, or paused with its audience frozen; NotFound, Unavailable.
        """
        campaign = await self.campaigns.get(campaign_id)
        require(campaign, "change_rate", "marketer")
        size = size_of(campaign, CHUNK_SIZE)
        if rate is not None and rate < size:
            raise Invalid.at(
                "rate", f"must be at least {size}: this campaign sends in parts of so many messages"
            )
        if rate == campaign.rate:
            return campaign
        changed = await self.campaigns.transition(
            campaign_id,
            "change_rate",
            "marketer",
            expected=campaign,
            rate=rate,
            chunk_size=size,
            rate_version=campaign.rate_version + 1,
            next_send_at=None,
        )
        if rate is None and changed.status == "sending":
            with left_to_the_tick(campaign_id):
                await self.requests.chunks(changed, await self.chunks.pending(campaign_id))
        return changed
