"""Sweep frozen lists: drop those whose launch lost or was killed, and those whose chunks are all written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign
from crm.campaigns.frozen_list import FrozenList, is_needed
from crm.campaigns.ports import CampaignLookup, FrozenLists
from crm.kernel.errors import Conflict, NotFound

LISTS = 50
"""Lists that one call checks."""

AGAIN = timedelta(hours=1)
"""After how long a list that is still needed is checked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFrozenLists:
    """Called by every tick."""

    campaigns: CampaignLookup
    lists: FrozenLists

    async def __call__(self, now: datetime) -> None:
        """Check lists whose `check_at` has come. Safe to repeat, also concurrently. Raises Unavailable."""
        for frozen_list in await self.lists.to_check(now, LISTS):
            try:
                if is_needed(frozen_list, await self._campaign_of(frozen_list)):
                    await self.lists.check_later(frozen_list, now + AGAIN)
                else:
                    await self.lists.drop(frozen_list)
            except Conflict:
                continue  # a launch names it just now, or another tick drops it

    async def _campaign_of(self, frozen_list: FrozenList) -> Campaign | None:
        try:
            return await self.campaigns.get(frozen_list.campaign_id)
        except NotFound:
            return None
