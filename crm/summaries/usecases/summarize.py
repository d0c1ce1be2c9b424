"""Summarize a campaign's results in a few sentences, written by a model or by rules."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from crm.campaigns.figures import Figures, figures_of
from crm.campaigns.ports import CampaignCounts, CampaignLookup
from crm.kernel.errors import Conflict
from crm.summaries.figure_guard import faults
from crm.summaries.ports import Audited, SummaryStore, SummaryWriter
from crm.summaries.summary import NotWritten, Summary, by_rules, fingerprint

logger = logging.getLogger(__name__)

MAX_TEXTS = 2
"""Texts that the model may write before the rules' text is used instead."""

RETRY_AFTER = timedelta(minutes=2)
"""How long the rules' text replaces that of a model that failed, before the model is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarize:
    """Of two concurrent calls both may write a summary; only the first to finish stores its own."""

    campaigns: CampaignLookup
    counters: CampaignCounts
    summaries: SummaryStore
    writer: SummaryWriter | None
    zone: tzinfo
    audited: Audited

    async def __call__(self, campaign_id: str, now: datetime) -> Summary:
        """The campaign's summary, written again, as an audited action, once its figures or model change.

        Raises NotFound, Unavailable, and Conflict while the campaign has no figures yet.
        """
        campaign = await self.campaigns.get(campaign_id)
        if campaign.audience is None:
            raise Conflict("This campaign has sent nothing yet, so there is nothing to summarize.")
        counts = await self.counters.by_group([campaign])
        figures = figures_of(campaign, counts[campaign_id], self.zone)
        made_from = fingerprint(figures, self.writer.model if self.writer else None)
        stored, etag = await self.summaries.latest(campaign_id)
        if stored is not None and stored.fingerprint == made_from and _is_current(stored, now):
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
        async with self.audited(campaign):
            summary = await _by_model(rules, self.writer, figures) if self.writer else rules
            await self.summaries.save(summary, etag)
        return summary


def _is_current(stored: Summary, now: datetime) -> bool:
    return stored.note is None or now - stored.made_at < RETRY_AFTER


async def _by_model(rules: Summary, writer: SummaryWriter, figures: Figures) -> Summary:
    """The summary with the model's text; if the model fails, the one by rules with a note that says why."""
    try:
        text = await _written(writer, figures)
    except NotWritten as reason:
        logger.warning(
            "summary written by rules: %s", reason, extra={"ids": {"campaign_id": rules.campaign_id}}
        )
        return replace(rules, note=f"Written by rules: {reason}")
    return replace(rules, text=text, source="gemini", model=writer.model)


async def _written(writer: SummaryWriter, figures: Figures) -> str:
    """A text by the model that agrees with the figures. Raises NotWritten."""
    refused: list[str] = []
    for _ in range(MAX_TEXTS):
        text = await writer.write(figures, refused)
        refused = faults(text, figures)
        if not refused:
            return text
        logger.info("text refused: %s", "; ".join(refused))
    raise NotWritten("the model's text did not keep to the campaign's figures.")
