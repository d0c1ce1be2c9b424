"""Launch a campaign: check it, write the list of its recipients, and make both final in one commit.

The list is written before the campaign refers to it. Of several concurrent launches, one claims its list; the
tick drops the others, and those of launches that were killed.
"""

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from crm.access.audit_events import system_event
from crm.audience.engine.field_catalogue import field_catalogue
from crm.audience.engine.snapshot import Snapshot
from crm.audience.ports import Audience
from crm.audience.rules.parse import parse
from crm.audience.rules.tree import Group
from crm.audience.usecases.preview import Preview, preview
from crm.audience.usecases.recipients import recipients
from crm.campaigns.campaign import Campaign
from crm.campaigns.delivery_requests import DeliveryRequests, left_to_the_tick
from crm.campaigns.frozen_list import partitions_of, shard_count
from crm.campaigns.lifecycle import Actor, require
from crm.campaigns.message import check
from crm.campaigns.ports import CampaignStore, FrozenLists
from crm.customers.values import Channel
from crm.kernel.errors import Invalid

CHECK_AFTER = timedelta(hours=1)
"""After this the tick checks whether a list is needed. A launch that takes longer is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Evaluates the audience over one snapshot, which contains everything stored before the call."""

    campaigns: CampaignStore
    lists: FrozenLists
    audience: Audience
    requests: DeliveryRequests
    zone: tzinfo

    async def __call__(self, campaign_id: str, now: datetime, due: Campaign | None = None) -> Campaign:
        """The campaign, launching, with its recipients fixed.

        `due` is a campaign whose scheduled time has come, as the tick read it: it is launched only if it is
        still equal to that, and the audit log names the schedule.

        Raises Conflict if the campaign cannot be launched (again); Invalid if nobody can be reached
        ("audience"), or the rules or the message are invalid; NotFound, Unavailable. After any of these
        nothing is launched.
        """
        campaign = due or await self.campaigns.get(campaign_id)
        by: Actor = "schedule" if due else "marketer"
        require(campaign, "launch", by)
        snapshot = await self.audience.snapshot()
        fields = [field["name"] for field in field_catalogue(snapshot)]
        await to_thread(check, campaign.message, fields)
        rules = parse(campaign.rules, zone=self.zone)
        found, partitions = await to_thread(_evaluated, snapshot, rules, now, self.zone, campaign.channel)
        if not found.reachable:
            raise Invalid.at("audience", "has nobody who can be reached on this channel")
        frozen = await self.lists.write(campaign_id, partitions, now + CHECK_AFTER)
        launched = await self.campaigns.transition(
            campaign_id,
            "launch",
            by,
            source=campaign.status,
            expected=due,
            frozen=frozen,
            event=system_event("schedule", "campaign.launch", campaign_id, campaign.name, now)
            if due
            else None,
            # Launches what was checked, even if the draft is edited meanwhile.
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
            await self.requests.partitions(campaign_id, range(len(partitions)))
        return launched


def _evaluated(
    snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo, channel: Channel
) -> tuple[Preview, list[Sequence[str]]]:
    """The counts of the audience, and its recipients in partitions. Takes seconds for a million customers."""
    found = preview(snapshot, rules, now, zone, channel)
    return found, partitions_of(recipients(snapshot, rules, now, zone, channel))
