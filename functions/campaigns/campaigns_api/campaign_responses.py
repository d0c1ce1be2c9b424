"""Campaigns in responses: their definition, their figures, and what may be done with them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from campaigns_api.responses import ResponseModel
from campaigns_api.rules import Rules, shown_rules
from campaigns_api.services import AppServices
from crm.access.members import SignedIn, allows
from crm.campaigns.campaign import EVERYONE, Campaign, CampaignStatus, Counts, Resolution, Stats
from crm.campaigns.figures import attempted, percents
from crm.campaigns.lifecycle import MarketerAction, allowed_actions
from crm.customers.values import Channel
from crm.delivery.cohorts import label_of
from crm.summaries.summary import Summary


class CampaignMessageResponse(ResponseModel):
    """The message's templates."""

    body: str
    subject: str | None


class StatsResponse(ResponseModel):
    """`audience = pending + accepted + delivered + failed + skipped + unknown`.

    `sent = accepted + delivered`.
    """

    audience: int
    pending: int
    sent: int
    accepted: int
    delivered: int
    failed: int
    skipped: int
    unknown: int
    opened: int
    clicked: int


class PercentResponse(ResponseModel):
    """Delivered and failed are shares of the messages attempted, opened and clicked of those delivered.

    Null for a share of nothing. Whole numbers, except that only nothing is 0 and only everything is 100.
    """

    delivered: float | None
    failed: float | None
    opened: float | None
    clicked: float | None


class CohortResponse(StatsResponse):
    """The figures of a group of recipients. `audience` counts those that are not pending."""

    label: str
    """The display name of the group."""
    attempted: int
    percent: PercentResponse


class SummaryResponse(ResponseModel):
    """The outcome of a campaign in words; `source` says who wrote it."""

    text: str
    source: Literal["gemini", "rules"]
    model: str | None
    made_at: datetime
    note: str | None
    figures: Mapping[str, Any]


class CampaignResponse(ResponseModel):
    """A campaign with its figures, and those of each cohort that has any."""

    id: str
    name: str
    status: CampaignStatus
    allowed_actions: list[MarketerAction]
    """What the signed-in person may do now, by status and role; a viewer may do nothing."""
    channel: Channel
    message: CampaignMessageResponse
    segment_id: str | None
    rules: Rules
    description: str
    created_at: datetime
    created_by: str
    schedule_at: datetime | None
    launched_at: datetime | None
    finished_at: datetime | None
    note: str | None
    """A sentence for people about the present status."""
    stalled_since: datetime | None
    """Since when no figure has moved although the campaign is on its way; null while it moves."""
    matched: int | None
    """Customers whom the rules matched at launch."""
    excluded: dict[str, int]
    """Of these, customers who could not be reached, by reason."""
    resolution: Resolution | None
    """A decision on failed or unknown messages that is being carried out."""
    retry_round: int
    """Number of such decisions so far."""
    rate: int | None
    """Messages a minute; null for no limit."""
    version: int
    """Rises with each change of what is sent, to whom and when."""
    stats: StatsResponse
    attempted: int
    """Messages that were not skipped: handed to the vendor, or failed before that."""
    percent: PercentResponse
    cohorts: dict[str, CohortResponse]
    summary: SummaryResponse | None = None


async def campaign_responses(
    campaigns: Sequence[Campaign], services: AppServices, person: SignedIn
) -> list[CampaignResponse]:
    """The campaigns with their figures, all from one consistent read."""
    counts = await services.counters.by_group(campaigns)
    return await asyncio.to_thread(
        lambda: [_response(each, counts[each.campaign_id], services, person) for each in campaigns]
    )


async def campaign_response(campaign: Campaign, services: AppServices, person: SignedIn) -> CampaignResponse:
    """One campaign with its figures and its latest summary."""
    (response,) = await campaign_responses([campaign], services, person)
    summary, _ = await services.summaries.latest(campaign.campaign_id)
    return response.model_copy(update={"summary": _summary(summary)})


def _response(
    campaign: Campaign, counts: Mapping[str, Counts], services: AppServices, person: SignedIn
) -> CampaignResponse:
    if campaign.audience is None:
        # Rows may be written between the two reads: without an audience they would not add up.
        counts = {}
    everyone = counts.get(EVERYONE, Counts())
    rules, description = shown_rules(campaign.rules, services.zone, person)
    return CampaignResponse(
        id=campaign.campaign_id,
        name=campaign.name,
        status=campaign.status,
        allowed_actions=allowed_actions(campaign) if allows(person.role, "marketer") else [],
        channel=campaign.channel,
        message=CampaignMessageResponse.model_validate(campaign.message),
        segment_id=campaign.segment_id,
        rules=rules,
        description=description,
        created_at=campaign.created_at,
        created_by=campaign.created_by,
        schedule_at=campaign.schedule_at,
        launched_at=campaign.launched_at,
        finished_at=campaign.finished_at,
        note=campaign.note,
        stalled_since=campaign.stalled_since,
        matched=campaign.matched,
        excluded=dict(campaign.excluded),
        resolution=campaign.resolution,
        retry_round=campaign.retry_round,
        rate=campaign.rate,
        version=campaign.version,
        stats=StatsResponse(**Stats(audience=campaign.audience or 0, counts=everyone).as_json()),
        attempted=attempted(everyone),
        percent=_percent(everyone),
        cohorts={
            cohort: CohortResponse(
                **Stats(audience=of_cohort.rows, counts=of_cohort).as_json(),
                label=label_of(cohort),
                attempted=attempted(of_cohort),
                percent=_percent(of_cohort),
            )
            for cohort, of_cohort in sorted(counts.items())
            if cohort != EVERYONE and of_cohort.rows
        },
    )


def _percent(counts: Counts) -> PercentResponse:
    shares = percents(counts)
    known = {name: float(share) for name, share in shares.items()}
    return PercentResponse(**{name: known.get(name) for name in PercentResponse.model_fields})


def _summary(summary: Summary | None) -> SummaryResponse | None:
    return None if summary is None else SummaryResponse.model_validate(summary)
