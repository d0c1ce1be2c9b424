"""Start a scheduled campaign when its time has come, or mark it as missed when that is too long ago."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.access.audit_events import system_event
from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignStore
from crm.campaigns.usecases.launch import Launch
from crm.kernel.errors import Invalid

logger = logging.getLogger(__name__)

MISSED = "Its time passed and nothing could start it. Launch it by hand, or choose another time."

REFUSED = "Its rules, its message or its audience do not hold; the campaign says what is wrong."


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScheduled:
    """Every change is logged as an audit event of the schedule."""

    campaigns: CampaignStore
    launch: Launch
    grace: timedelta
    """How late a campaign may still start."""

    async def __call__(self, campaign: Campaign, now: datetime) -> None:
        """Launch a campaign that is due; one that cannot be launched needs attention. Raises Conflict where
        it has changed since it was read, Unavailable."""
        if campaign.schedule_at is None or campaign.schedule_at > now:
            return
        if campaign.schedule_at + self.grace < now:
            await self._miss(campaign, now)
            return
        try:
            await self.launch(campaign.campaign_id, now, due=campaign)
        except Invalid as error:
            await self._refuse(campaign, error, now)

    async def _miss(self, campaign: Campaign, now: datetime) -> None:
        campaign_id = campaign.campaign_id
        logger.error("campaign missed its time", extra={"ids": {"campaign_id": campaign_id}})
        event = system_event("schedule", "campaign.miss", campaign_id, campaign.name, now)
        await self.campaigns.transition(
            campaign_id, "miss", "schedule", expected=campaign, event=event, note=MISSED
        )

    async def _refuse(self, campaign: Campaign, error: Invalid, now: datetime) -> None:
        campaign_id = campaign.campaign_id
        event = system_event(
            "schedule", "campaign.launch", campaign_id, campaign.name, now, REFUSED, "refused"
        )
        await self.campaigns.transition(
            campaign_id, "reject", "schedule", expected=campaign, event=event, note=str(error)
        )
