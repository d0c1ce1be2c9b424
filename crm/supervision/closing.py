"""When a campaign is over, and with which status it ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from crm.campaigns.campaign import Campaign, CampaignStatus, Stats
from crm.delivery.log import LogRow


def silent(row: LogRow, now: datetime, silence: timedelta) -> LogRow:
    """The row of an accepted message for which no receipt came within `silence`."""
    hours = f"{silence / timedelta(hours=1):g}"
    return replace(row, status="unknown", reason=f"No receipt came within {hours} hours.", updated_at=now)


def closing(
    campaign: Campaign, stats: Stats, last_sent: datetime | None, now: datetime, silence: timedelta
) -> Literal["wait", "expire"] | CampaignStatus:
    """What the tick does with a campaign that is sending or was cancelled.

    "wait" while messages are pending or receipts may come; "expire" once no receipt came for `silence` after
    the last chunk was sent; else the status to close it with.
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


def unknown_note(unknown: int) -> str | None:
    """The note of a closed campaign of which so many messages are unknown."""
    if unknown == 1:
        return "1 message is unknown."
    return f"{unknown} messages are unknown." if unknown else None
