"""Campaigns and their counts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crm.access.audit_events import Act
from crm.campaigns.campaign import Campaign, CampaignStatus, Counts
from crm.delivery.freezing import FrozenList


class CampaignLookup(Protocol):
    """Finds one campaign."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""


class CampaignBook(Protocol):
    """The campaigns, each change a compare-and-set."""

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign. Raises NotFound."""

    async def tended(self) -> Sequence[Campaign]:
        """Every campaign that the tick may have work with."""

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Campaign]:
        """Up to `limit` campaigns whose rows should be counted once more by now."""

    async def transition(
        self,
        campaign_id: str,
        from_statuses: Collection[str],
        to: CampaignStatus,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        act: Act | None = None,
        **changes: Any,
    ) -> Campaign:
        """Move to a status and change fields in one step; only from `expected`, where that is given, and
        only with a list `frozen` that nobody has dropped. The `act` is in the audit log if, and only if, the
        step was made.

        Raises Conflict, NotFound.
        """


class CampaignCounts(Protocol):
    """The counts of campaigns."""

    async def read(self, campaigns: Sequence[Campaign]) -> Mapping[str, Mapping[str, Counts]]:
        """By campaign and group, from one consistent read."""
