"""Launch a campaign: check it, fix its one moment, and ask for its audience to be frozen."""

from datetime import datetime, tzinfo

from crm.domain.campaigns import Campaign, is_launchable
from crm.domain.delivery import partition_count, shard_count
from crm.domain.errors import Conflict, Invalid
from crm.domain.messages import check
from crm.domain.rules import parse
from crm.ports import Audience, Broker, CampaignBook
from crm.usecases.audience import field_catalogue, preview
from crm.usecases.requests import left_to_the_tick, request_freezing


async def launch(
    campaigns: CampaignBook,
    audience: Audience,
    broker: Broker,
    campaign_id: str,
    now: datetime,
    zone: tzinfo,
    due: Campaign | None = None,
) -> Campaign:
    """The campaign, now launching; the rest happens in `deliver`.

    With `due`, a campaign whose time has come, only that is launched: not what somebody changed meanwhile.
    Raises Conflict where it is launched already, Invalid where nobody can be reached ("audience") or the
    rules or the message do not hold, NotFound, Unavailable. After any of these nothing is launched.
    """
    campaign = due or await campaigns.get(campaign_id)
    if not is_launchable(campaign):
        raise Conflict(f"The campaign is {campaign.status.replace('_', ' ')} and cannot be launched again.")
    snapshot = await audience.snapshot()
    check(campaign.message, [field["name"] for field in field_catalogue(snapshot)])
    found = preview(snapshot, parse(campaign.rules, zone=zone), now, zone, campaign.channel)
    if not found.reachable:
        raise Invalid.at("audience", "has nobody who can be reached on this channel")
    launched = await campaigns.transition(
        campaign_id,
        (campaign.status,),
        "launching",
        expected=due,
        # What was checked is what is launched, whoever edits the draft at this moment.
        rules=campaign.rules,
        channel=campaign.channel,
        message=campaign.message,
        launched_at=now,
        frozen_at=now,
        partitions=partition_count(found.reachable),
        shards=shard_count(found.reachable),
        matched=found.matched,
        excluded=found.excluded,
        note=None,
    )
    with left_to_the_tick(campaign_id):
        await request_freezing(broker, campaign_id)
    return launched
