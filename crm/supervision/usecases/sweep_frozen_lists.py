"""Sweep frozen lists: drop those of launches that lost or were killed, and of which all is in chunks."""

from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign
from crm.campaigns.frozen_list import FrozenList, is_needed
from crm.campaigns.ports import CampaignLookup, FrozenLists
from crm.kernel.errors import Conflict, NotFound

LISTS = 50
"""Lists that one sweep looks after."""

AGAIN = timedelta(hours=1)
"""When it looks again after one that is still needed."""


async def sweep_lists(campaigns: CampaignLookup, lists: FrozenLists, now: datetime) -> None:
    """Look after those whose time has come. Safe to repeat; of two at once one drops a list."""
    for each in await lists.to_check(now, LISTS):
        try:
            if is_needed(each, await _campaign(campaigns, each)):
                await lists.check_later(each, now + AGAIN)
            else:
                await lists.drop(each)
        except Conflict:
            continue  # named at this moment, or in other hands


async def _campaign(campaigns: CampaignLookup, wanted: FrozenList) -> Campaign | None:
    try:
        return await campaigns.get(wanted.campaign_id)
    except NotFound:
        return None
