"""When a campaign is over, and how it ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from crm.campaigns.campaign import Campaign, CampaignStatus, Stats
from crm.delivery.log import LogRow


def silent(row: LogRow, now: datetime, silence: timedelta) -> LogRow:
    """The row of an accepted message of which the vendor never said more."""
    hours = f"{silence / timedelta(hours=1):g}"
    return replace(row, status="unknown", reason=f"No receipt came within {hours} hours.", updated_at=now)


def closing(
    campaign: Campaign, stats: Stats, last_sent: datetime | None, now: datetime, silence: timedelta
) -> Literal["wait", "expire"] | CampaignStatus:
    """What the tick does with a campaign on its way.

    "wait" while messages are pending or receipts may come; "expire" once the vendor has been silent for
    `silence` after the last chunk; else the status to close it with.
    """
    if campaign.audience is None:
        return "cancelled" if campaign.status == "cancelled" else "wait"
    if stats.pending or campaign.resolution is not None:
        return "wait"
    if stats.counts.accepted and not campaign.assume_delivered:
        return "expire" if last_sent is not None and last_sent + silence <= now else "wait"
    if campaign.status == "cancelled":
        return "cancelled"
    return "needs_attention" if stats.counts.unknown else "finished"
