"""The figures of a campaign: counts and percentages, of everyone and of each cohort.

Each share is defined here once, for the API, the web app and the summaries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm.campaigns.campaign import EVERYONE, Campaign, Counts, Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Figures of one group of recipients."""

    counts: Mapping[str, int]
    """The names of `Stats`, and `attempted`. Of a cohort it is not known who is pending, so it has neither
    `audience` nor `pending`."""
    percents: Mapping[str, Decimal]
    """See `percents`."""

    def as_json(self) -> dict[str, Any]:
        """`{"delivered": 95, …, "percent": {"delivered": 95, "failed": 5}}`."""
        return {**self.counts, "percent": {name: _number(value) for name, value in self.percents.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a summary may mention. Dates are days of the project's time zone, `YYYY-MM-DD`."""

    status: str
    channel: str
    everyone: GroupFigures
    cohorts: Mapping[str, GroupFigures] = field(default_factory=dict)
    launched_on: str | None = None
    finished_on: str | None = None

    @property
    def groups(self) -> tuple[GroupFigures, ...]:
        return (self.everyone, *self.cohorts.values())

    def as_json(self) -> dict[str, Any]:
        """The `figures` object of the API; the same figures give the same JSON."""
        return {
            "status": self.status,
            "channel": self.channel,
            "launched_on": self.launched_on,
            "finished_on": self.finished_on,
            EVERYONE: self.everyone.as_json(),
            "cohorts": {name: group.as_json() for name, group in sorted(self.cohorts.items())},
        }


def figures_of(campaign: Campaign, groups: Mapping[str, Counts], zone: tzinfo) -> Figures:
    """The figures of a campaign whose audience is frozen.

    `groups` maps `all` and each cohort to its counts; a cohort without a row is left out.
    """
    counts = groups.get(EVERYONE, Counts())
    stats = Stats(audience=campaign.audience or 0, counts=counts)
    return Figures(
        status=campaign.status,
        channel=campaign.channel,
        everyone=_group(counts, stats.as_json()),
        cohorts={
            name: _group(cohort, _counted(cohort))
            for name, cohort in groups.items()
            if name != EVERYONE and cohort.rows > 0
        },
        launched_on=_day(campaign.launched_at, zone),
        finished_on=_day(campaign.finished_at, zone),
    )


def attempted(counts: Counts) -> int:
    """Messages that were not skipped: handed to the vendor, or failed before that."""
    return counts.rows - counts.skipped


def percents(counts: Counts) -> dict[str, Decimal]:
    """Delivered and failed as shares of the messages attempted, opened and clicked of those delivered.

    A share whose whole is nothing is left out.
    """
    shares: dict[str, Decimal] = {}
    if whole := attempted(counts):
        shares["delivered"] = percent(counts.delivered, whole)
        shares["failed"] = percent(counts.failed, whole)
    if counts.delivered:
        shares["opened"] = percent(counts.opened, counts.delivered)
        shares["clicked"] = percent(counts.clicked, counts.delivered)
    return shares


def percent(part: int, whole: int) -> Decimal:
    """The share of `part` in `whole` in percent, as a whole number.

    A share above nothing that would round to 0, and one below everything that would round to 100, get one
    decimal, at least 0.1 and at most 99.9.
    """
    exact = Decimal(part) * 100 / Decimal(whole)
    rounded = exact.quantize(Decimal(1), ROUND_HALF_UP)
    if rounded != exact and rounded in (0, 100):
        fine = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return min(max(fine, Decimal("0.1")), Decimal("99.9"))
    return rounded


def _group(counts: Counts, shown: Mapping[str, int]) -> GroupFigures:
    return GroupFigures(counts={**shown, "attempted": attempted(counts)}, percents=percents(counts))


def _counted(counts: Counts) -> dict[str, int]:
    shown = Stats(audience=counts.rows, counts=counts).as_json()
    return {name: value for name, value in shown.items() if name not in ("audience", "pending")}


def _day(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).date().isoformat()


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
