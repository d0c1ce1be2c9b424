"""Campaigns and their counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crm.access.audit_events import AuditEvent
from crm.campaigns.campaign import Campaign, CampaignStatus, Counts
from crm.campaigns.frozen_list import FrozenList, FrozenPart
from crm.campaigns.lifecycle import Action, Actor


class CampaignLookup(Protocol):
    """Finds one campaign."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""


class CampaignStore(Protocol):
    """The campaigns, each change a compare-and-set."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""

    async def needs_tick(self) -> Sequence[Campaign]:
        """Every campaign that the tick may have work with."""

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Campaign]:
        """Up to `limit` campaigns whose rows should be counted once more by now."""

    async def transition(
        self,
        campaign_id: str,
        action: Action,
        by: Actor,
        *,
        to: CampaignStatus | None = None,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        event: AuditEvent | None = None,
        **changes: Any,
    ) -> Campaign:
        """Apply an action of the lifecycle and change fields, in one commit.

        `to` chooses the status where the action leads to several. With `expected`, only a campaign that is
        still equal to it is changed. `frozen` becomes the list of recipients, unless it was dropped. `event`
        is in the audit log if, and only if, the commit succeeds.

        Raises Conflict where the lifecycle does not allow the action or the campaign has changed, NotFound,
        Unavailable.
        """


class CampaignCounts(Protocol):
    """The counts of campaigns."""

    async def read(self, campaigns: Sequence[Campaign]) -> Mapping[str, Mapping[str, Counts]]:
        """By campaign and group, from one consistent read."""


class PendingChunks(Protocol):
    """The chunks of a campaign that still have to be sent."""

    async def pending(self, campaign_id: str) -> Sequence[str]:
        """The ids of all chunks that are not done."""


class FrozenLists(Protocol):
    """Lists of recipients, as launches found them. Of those for one launch its campaign names one."""

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        """Keep the recipients. From `check_at` on somebody looks whether the list is needed."""

    async def part(self, name: str, number: int) -> FrozenPart | None:
        """One partition's recipients; None where they are in chunks already, or the list is gone."""

    async def left(self, name: str, limit: int) -> Sequence[int]:
        """Up to `limit` partitions whose recipients are not in chunks."""

    async def to_check(self, now: datetime, limit: int) -> Sequence[FrozenList]:
        """Up to `limit` lists that somebody should look after."""

    async def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        """Look after it again then. Raises Conflict where it has changed since it was read."""

    async def drop(self, unwanted: FrozenList) -> None:
        """Delete it, so that no campaign can name it. Raises Conflict where it has changed since."""

    async def forget(self, name: str) -> None:
        """Delete a list that its campaign has named and needs no more. Safe to repeat."""
