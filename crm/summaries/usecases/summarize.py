"""Say in a few sentences what a campaign achieved: by a model where there is one, else by rules."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from crm.campaigns.figures import Figures, figures_of
from crm.campaigns.ports import CampaignCounts, CampaignLookup
from crm.kernel.errors import Conflict
from crm.summaries.figure_guard import faults
from crm.summaries.ports import SummaryStore, SummaryWriter
from crm.summaries.summary import NotWritten, Summary, by_rules, fingerprint

logger = logging.getLogger(__name__)

TEXTS = 2
"""Texts that a model may offer before the rules write instead."""

STOPGAP = timedelta(minutes=2)
"""How long the rules' text stands in for a model that failed, before the model is asked again."""


async def summarize(
    campaign_id: str,
    campaigns: CampaignLookup,
    counters: CampaignCounts,
    shelf: SummaryStore,
    writer: SummaryWriter | None,
    now: datetime,
    zone: tzinfo,
) -> Summary:
    """The campaign's summary, made again only where its figures have changed.

    Two calls at once may both make one; the later one to finish is not stored over the other.
    Raises NotFound, and Conflict while the campaign has no figures yet.
    """
    campaign = await campaigns.get(campaign_id)
    if campaign.audience is None:
        raise Conflict("This campaign has sent nothing yet, so there is nothing to summarize.")
    counts = await counters.read([campaign])
    figures = figures_of(campaign, counts[campaign_id], zone)
    made_from = fingerprint(figures, campaign.name, writer.model if writer else None)
    stored, etag = await shelf.read(campaign_id)
    if stored is not None and stored.fingerprint == made_from and _still_good(stored, now):
        return stored
    rules = Summary(
        campaign_id=campaign_id,
        text=by_rules(figures),
        source="rules",
        model=None,
        made_at=now,
        figures=figures.as_json(),
        note=None,
        fingerprint=made_from,
    )
    summary = await _by_model(rules, writer, figures, campaign.name) if writer else rules
    await shelf.keep(summary, etag)
    return summary


def _still_good(stored: Summary, now: datetime) -> bool:
    return stored.note is None or now - stored.made_at < STOPGAP


async def _by_model(rules: Summary, writer: SummaryWriter, figures: Figures, name: str) -> Summary:
    """The summary with the model's text, or the rules' one with a note why."""
    try:
        text = await _written(writer, figures, name)
    except NotWritten as reason:
        logger.warning(
            "summary written by rules: %s", reason, extra={"ids": {"campaign_id": rules.campaign_id}}
        )
        return replace(rules, note=f"Written by rules: {reason}")
    return replace(rules, text=text, source="gemini", model=writer.model)


async def _written(writer: SummaryWriter, figures: Figures, name: str) -> str:
    """A text of the model that says only what the figures say. Raises NotWritten."""
    refused: list[str] = []
    for _ in range(TEXTS):
        text = await writer.write(figures, name, refused)
        refused = faults(text, figures)
        if not refused:
            return text
        logger.info("text refused: %s", "; ".join(refused))
    raise NotWritten("the model's text did not agree with the campaign's figures.")
