"""A campaign's summary: its author, its figures, and the text that rules write."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from crm.campaigns.figures import Figures, GroupFigures
from crm.delivery.cohorts import LABELS, label_of

Source = Literal["gemini", "rules"]

EDITION = 3
"""Raise it when the model's instructions or the rules' sentences change, to replace stored summaries."""


class NotWritten(Exception):
    """The model produced no usable text; `str(error)` is a sentence for people that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One summary as stored."""

    campaign_id: str
    text: str
    source: Source
    model: str | None
    made_at: datetime
    figures: Mapping[str, Any]
    """The JSON of the figures that it describes."""
    note: str | None
    """Why rules wrote it although a model was asked."""
    fingerprint: str
    """See `fingerprint`."""

    def as_json(self) -> dict[str, Any]:
        """The summary in the API's form."""
        return {
            "campaign_id": self.campaign_id,
            "text": self.text,
            "source": self.source,
            "model": self.model,
            "made_at": self.made_at.isoformat(),
            "figures": self.figures,
            "note": self.note,
        }


def fingerprint(figures: Figures, model: str | None) -> str:
    """A hash of a summary's input: the figures, the model, and the edition."""
    parts = [EDITION, figures.as_json(), model]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def by_rules(figures: Figures) -> str:
    """A few sentences about the figures; the same figures give the same text."""
    sentences = [_state(figures), _outcome(figures.everyone), *_aftermath(figures)]
    names = [*(name for name in LABELS if name in figures.cohorts), *sorted(figures.cohorts.keys() - LABELS)]
    groups = [(name, figures.cohorts[name]) for name in names]
    sentences += [_cohort(name, group) for name, group in groups if group.counts["attempted"]]
    return " ".join(sentences)


def in_words(cohort: str) -> str:
    """`high_spenders` → `High spenders`: the label without the numbers of its definition."""
    return label_of(cohort).partition(" (")[0]


def _state(figures: Figures) -> str:
    counts = figures.everyone.counts
    waiting = f"{counts['pending']:,} of {_many(counts['audience'], 'customer')}"
    match figures.status:
        case "finished":
            return f"The campaign to {_many(counts['audience'], 'customer')} is finished."
        case "paused":
            return f"The campaign is paused: {waiting} are still waiting."
        case "cancelled":
            rest = f": {waiting} are still waiting to be taken off" if counts["pending"] else ""
            return f"The campaign to {_many(counts['audience'], 'customer')} was cancelled{rest}."
        case "needs_attention":
            unknown = _many(counts["unknown"], "message")
            return f"The campaign needs attention: the outcome of {unknown} is unknown."
        case _:
            return f"The campaign is being sent: {waiting} are still waiting."


def _outcome(group: GroupFigures) -> str:
    counts = group.counts
    if not counts["attempted"]:
        return "No message was sent."
    parts = [
        f"{counts['delivered']:,} {_were(counts['delivered'])} delivered ({_share(group, 'delivered')})",
        f"{counts['failed']:,} failed ({_share(group, 'failed')})",
    ]
    if counts["accepted"]:
        parts.append(
            f"{counts['accepted']:,} {_were(counts['accepted'])} accepted but not yet confirmed as delivered"
        )
    if counts["unknown"]:
        parts.append(f"{counts['unknown']:,} {_were(counts['unknown'])} of unknown outcome")
    return f"Of {_many(counts['attempted'], 'message')}, {', '.join(parts[:-1])} and {parts[-1]}."


def _aftermath(figures: Figures) -> list[str]:
    group = figures.everyone
    counts = group.counts
    sentences = []
    if counts["skipped"]:
        verb = _were(counts["skipped"])
        when = "and got nothing" if figures.status == "cancelled" else "at the moment of sending"
        sentences.append(f"{_many(counts['skipped'], 'customer')} {verb} skipped {when}.")
    reactions = [
        f"{counts[name]:,} {name} ({_share(group, name)})"
        for name in ("opened", "clicked")
        if counts[name] and name in group.percents
    ]
    if reactions:
        sentences.append(f"Of those delivered, {' and '.join(reactions)}.")
    return sentences


def _cohort(name: str, group: GroupFigures) -> str:
    counts = group.counts
    return (
        f"{in_words(name)}: {_share(group, 'delivered')} delivered"
        f" ({counts['delivered']:,} of {counts['attempted']:,})."
    )


def _share(group: GroupFigures, name: str) -> str:
    return f"{_plain(group.percents[name])}%"


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
