"""Change the rate of a campaign that sends: how many of its messages may go in a minute."""

from crm.campaigns.campaign import CHUNK_SIZE, Campaign
from crm.campaigns.ports import CampaignStore, PendingChunks
from crm.campaigns.rate_limit import size_of
from crm.campaigns.usecases.requests import left_to_the_tick, request_chunks
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict, Invalid


async def change_rate(
    campaigns: CampaignStore,
    chunks: PendingChunks,
    broker: Broker,
    campaign_id: str,
    rate: int | None,
) -> Campaign:
    """Hold what is not handed over yet to another rate; None for as fast as the channel takes it.

    Chunks that workers hold at this moment are finished. What was asked for before is not heard any more:
    the tick asks anew, at the rate that counts. Raises Invalid at "rate" where a single chunk holds more
    messages, Conflict unless the campaign is sending, or paused on its way; NotFound.
    """
    campaign = await campaigns.get(campaign_id)
    if campaign.status not in ("sending", "paused") or campaign.audience is None:
        status = campaign.status.replace("_", " ")
        raise Conflict(f"The campaign is {status}. Its pace can be changed while it sends or is paused.")
    size = size_of(campaign, CHUNK_SIZE)
    if rate is not None and rate < size:
        raise Invalid.at("rate", f"must be at least {size}: this campaign sends in parts of so many messages")
    if rate == campaign.rate:
        return campaign
    changed = await campaigns.transition(
        campaign_id,
        (campaign.status,),
        campaign.status,
        expected=campaign,
        rate=rate,
        chunk_size=size,
        rate_version=campaign.rate_version + 1,
        next_send_at=None,
    )
    if rate is None and changed.status == "sending":
        with left_to_the_tick(campaign_id):
            await request_chunks(broker, changed, await chunks.pending(campaign_id))
    return changed
