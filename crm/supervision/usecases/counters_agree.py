"""Check cheaply whether a campaign's counters agree with its rows."""

from dataclasses import dataclass

from crm.campaigns.campaign import ROW_STATUSES, Campaign
from crm.supervision.ports import CountStore


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersAgree:
    """Counts by aggregation: a thousandth of the price of `Reconcile`, but blind to cohorts and opens."""

    counts: CountStore

    async def __call__(self, campaign: Campaign) -> bool:
        """Whether the group of all recipients has as many of each status as there are rows."""
        snapshot = await self.counts.snapshot(campaign)
        rows = await self.counts.row_counts(campaign.campaign_id, snapshot)
        return all(rows[status] == getattr(snapshot.total, status) for status in ROW_STATUSES)
