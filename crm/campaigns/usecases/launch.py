"""Launch a campaign: check it, write down who gets it, and make both final in one commit.

The list is written before the campaign names it. Of several launches at once one is named; the others' lists,
and those of whoever was killed, are dropped by the tick.
"""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from crm.access.audit_events import system_event
from crm.audience.engine.snapshot import Snapshot
from crm.audience.ports import Audience
from crm.audience.rules.tree import Group, parse
from crm.audience.usecases.audience import Preview, field_catalogue, preview, recipients
from crm.campaigns.campaign import Campaign, is_launchable
from crm.campaigns.frozen_list import partitions_of, shard_count
from crm.campaigns.message import check
from crm.campaigns.ports import CampaignStore, FrozenLists
from crm.campaigns.usecases.requests import left_to_the_tick, request_freezing
from crm.customers.records import Channel
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict, Invalid

CHECK_AFTER = timedelta(hours=1)
"""After this the tick looks whether a list is needed. A launch that takes longer is refused."""


async def launch(
    campaigns: CampaignStore,
    lists: FrozenLists,
    audience: Audience,
    broker: Broker,
    campaign_id: str,
    now: datetime,
    zone: tzinfo,
    due: Campaign | None = None,
) -> Campaign:
    """The campaign, now launching, with its recipients fixed; the rest happens in `deliver`.

    All figures and recipients are those of one snapshot, which holds whatever was stored before the call.

    With `due`, a campaign whose time has come, only that is launched: not what somebody changed meanwhile;
    and the audit log says that its schedule did it.
    Raises Conflict where it is launched already, Invalid where nobody can be reached ("audience") or the
    rules or the message do not hold, NotFound, Unavailable. After any of these nothing is launched.
    """
    campaign = due or await campaigns.get(campaign_id)
    if not is_launchable(campaign):
        raise Conflict(f"The campaign is {campaign.status.replace('_', ' ')} and cannot be launched again.")
    snapshot = await audience.snapshot()
    check(campaign.message, [field["name"] for field in field_catalogue(snapshot)])
    rules = parse(campaign.rules, zone=zone)
    found, partitions = await to_thread(_evaluated, snapshot, rules, now, zone, campaign.channel)
    if not found.reachable:
        raise Invalid.at("audience", "has nobody who can be reached on this channel")
    frozen = await lists.write(campaign_id, partitions, now + CHECK_AFTER)
    launched = await campaigns.transition(
        campaign_id,
        (campaign.status,),
        "launching",
        expected=due,
        frozen=frozen,
        event=system_event("schedule", "campaign.launch", campaign_id, campaign.name, now) if due else None,
        # What was checked is what is launched, whoever edits the draft at this moment.
        rules=campaign.rules,
        channel=campaign.channel,
        message=campaign.message,
        launched_at=now,
        frozen_at=now,
        partitions=len(partitions),
        shards=shard_count(found.reachable),
        matched=found.matched,
        excluded=found.excluded,
        note=None,
    )
    with left_to_the_tick(campaign_id):
        await request_freezing(broker, campaign_id)
    return launched


def _evaluated(
    snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel
) -> tuple[Preview, list[Sequence[str]]]:
    """The audience in figures, and its recipients in parts: seconds of work for a million."""
    found = preview(snapshot, rules, now, zone, channel)
    return found, partitions_of(recipients(snapshot, rules, now, zone, channel))
