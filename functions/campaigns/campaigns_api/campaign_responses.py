"""A campaign in answers: what was asked for, and the figures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from campaigns_api.responses import ResponseModel
from campaigns_api.rules import Rules, described
from campaigns_api.services import AppServices
from crm.campaigns.campaign import EVERYONE, Campaign, CampaignStatus, Counts, Resolution, Stats
from crm.customers.values import Channel
from crm.summaries.summary import Summary


class MessageResponse(ResponseModel):
    """The message's templates."""

    body: str
    subject: str | None


class StatsResponse(ResponseModel):
    """`audience = pending + accepted + delivered + failed + skipped + unknown`.

    `sent = accepted + delivered`. Of a cohort nobody knows who is pending: its audience is those with a row.
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


class SummaryResponse(ResponseModel):
    """What a campaign achieved, in words; `source` says who wrote it."""

    text: str
    source: Literal["gemini", "rules"]
    model: str | None
    made_at: datetime
    note: str | None
    figures: Mapping[str, Any]


class CampaignResponse(ResponseModel):
    """A campaign. `cohorts` has the figures of each group of recipients that has any.

    `matched` and `excluded` (by reason) are those of the launch. While `resolution` is set, a decision on
    failed or unknown messages is being carried out; `retry_round` counts such decisions. `version` rises with
    each change of what is to be sent, to whom and when.
    """

    id: str
    name: str
    status: CampaignStatus
    channel: Channel
    message: MessageResponse
    segment_id: str | None
    rules: Rules
    description: str
    created_at: datetime
    created_by: str
    schedule_at: datetime | None
    launched_at: datetime | None
    finished_at: datetime | None
    note: str | None
    matched: int | None
    excluded: dict[str, int]
    resolution: Resolution | None
    retry_round: int
    rate: int | None
    version: int
    stats: StatsResponse
    cohorts: dict[str, StatsResponse]
    summary: SummaryResponse | None = None


async def shapes(campaigns: Sequence[Campaign], services: AppServices) -> list[CampaignResponse]:
    """The campaigns with their figures, all from one consistent reading."""
    counts = await services.counters.read(campaigns)
    return [_shape(campaign, counts[campaign.campaign_id], services) for campaign in campaigns]


async def shape(campaign: Campaign, services: AppServices) -> CampaignResponse:
    """One campaign with its figures and its latest summary."""
    (made,) = await shapes([campaign], services)
    summary, _ = await services.summaries.read(campaign.campaign_id)
    return made.model_copy(update={"summary": _summary(summary)})


def _shape(campaign: Campaign, counts: Mapping[str, Counts], services: AppServices) -> CampaignResponse:
    if campaign.audience is None:
        # Rows may be written between the two readings: without an audience they would not add up.
        counts = {}
    cohorts = {
        group: Stats(audience=of_group.rows, counts=of_group)
        for group, of_group in sorted(counts.items())
        if group != EVERYONE and of_group.rows
    }
    stats = Stats(audience=campaign.audience or 0, counts=counts.get(EVERYONE, Counts()))
    return CampaignResponse(
        id=campaign.campaign_id,
        name=campaign.name,
        status=campaign.status,
        channel=campaign.channel,
        message=MessageResponse.model_validate(campaign.message),
        segment_id=campaign.segment_id,
        rules=dict(campaign.rules),
        description=described(campaign.rules, services.zone),
        created_at=campaign.created_at,
        created_by=campaign.created_by,
        schedule_at=campaign.schedule_at,
        launched_at=campaign.launched_at,
        finished_at=campaign.finished_at,
        note=campaign.note,
        matched=campaign.matched,
        excluded=dict(campaign.excluded),
        resolution=campaign.resolution,
        retry_round=campaign.retry_round,
        rate=campaign.rate,
        version=campaign.version,
        stats=_stats(stats),
        cohorts={group: _stats(of_group) for group, of_group in cohorts.items()},
    )


def _stats(stats: Stats) -> StatsResponse:
    return StatsResponse(**stats.as_json())


def _summary(summary: Summary | None) -> SummaryResponse | None:
    return None if summary is None else SummaryResponse.model_validate(summary)
