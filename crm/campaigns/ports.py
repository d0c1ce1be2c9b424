"""Where campaigns, their counts and their recipients are stored."""

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
    """Reads campaigns, and changes them by compare-and-set."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""

    async def needs_tick(self) -> Sequence[Campaign]:
        """Every campaign that the tick may have to act on."""

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Campaign]:
        """Up to `limit` campaigns whose rows are due for a final recount."""

    async def transition(
        self,
        campaign_id: str,
        action: Action,
        by: Actor,
        *,
        to: CampaignStatus | None = None,
        source: CampaignStatus | None = None,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        event: AuditEvent | None = None,
        **changes: Any,
    ) -> Campaign:
        """Apply an action of the lifecycle and change fields, in one commit.

        `to` chooses the status if the action may lead to several. `source` requires that the stored
        campaign still has this status, `expected` that it is still equal to that one. `frozen` becomes the
        list of recipients, unless it was dropped. `event` enters the audit log if, and only if, the commit
        succeeds.

        Raises Conflict if the lifecycle does not allow the action or the campaign has changed, NotFound,
        Unavailable.
        """


class CampaignCounts(Protocol):
    """Reads the counts of campaigns."""

    async def by_group(self, campaigns: Sequence[Campaign]) -> Mapping[str, Mapping[str, Counts]]:
        """By campaign and group, from one consistent read."""


class PendingChunks(Protocol):
    """Finds the chunks of a campaign that still have to be sent."""

    async def pending(self, campaign_id: str) -> Sequence[str]:
        """The ids of all chunks that are not done."""


class FrozenLists(Protocol):
    """Lists of recipients written by launches. A campaign refers to one of those written for it."""

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        """Store the recipients. From `check_at` on the tick checks whether the list is needed."""

    async def part(self, name: str, number: int) -> FrozenPart | None:
        """One partition's recipients; None if they are in chunks already, or the list was deleted."""

    async def remaining(self, name: str, limit: int) -> Sequence[int]:
        """Up to `limit` partitions whose recipients are not in chunks yet."""

    async def to_check(self, now: datetime, limit: int) -> Sequence[FrozenList]:
        """Up to `limit` lists whose `check_at` has passed."""

    async def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        """Set a new `check_at`. Raises Conflict if the list has changed since it was read."""

    async def drop(self, unwanted: FrozenList) -> None:
        """Delete it, so that no launch can claim it. Raises Conflict if it has changed since it was read."""

    async def delete(self, name: str) -> None:
        """Delete a list that its campaign no longer needs. Safe to repeat."""
