"""The figures of a campaign as people read them: counts, and percentages of everyone and of each cohort."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm.campaigns.campaign import EVERYONE, Campaign, Counts, Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Figures of one group of recipients.

    `counts` are the names of `Stats`, and `attempted`: the messages that were handed to the vendor. Of a
    cohort nobody knows who is still pending, so it has neither `audience` nor `pending`.
    `percents` of delivered and failed are shares of `attempted`, of opened and clicked shares of `delivered`;
    a share of nothing is left out.
    """

    counts: Mapping[str, int]
    percents: Mapping[str, Decimal]

    def as_json(self) -> dict[str, Any]:
        """`{"delivered": 95, …, "percent": {"delivered": 95, "failed": 5}}`."""
        return {**self.counts, "percent": {name: _number(value) for name, value in self.percents.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a summary may speak of. Dates are days of the project's time zone, `YYYY-MM-DD`."""

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


def percent(part: int, whole: int) -> Decimal:
    """The share of `part` in `whole` in percent, whole where that is honest.

    A share that is not nothing is never shown as 0, and one that is not everything never as 100: these get
    one decimal, at least 0.1 and at most 99.9.
    """
    exact = Decimal(part) * 100 / Decimal(whole)
    rounded = exact.quantize(Decimal(1), ROUND_HALF_UP)
    if rounded != exact and rounded in (0, 100):
        fine = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return min(max(fine, Decimal("0.1")), Decimal("99.9"))
    return rounded


def _group(counts: Counts, shown: Mapping[str, int]) -> GroupFigures:
    attempted = counts.rows - counts.skipped
    percents: dict[str, Decimal] = {}
    if attempted:
        percents["delivered"] = percent(counts.delivered, attempted)
        percents["failed"] = percent(counts.failed, attempted)
    if counts.delivered:
        percents["opened"] = percent(counts.opened, counts.delivered)
        percents["clicked"] = percent(counts.clicked, counts.delivered)
    return GroupFigures(counts={**shown, "attempted": attempted}, percents=percents)


def _counted(counts: Counts) -> dict[str, int]:
    shown = Stats(audience=counts.rows, counts=counts).as_json()
    return {name: value for name, value in shown.items() if name not in ("audience", "pending")}


def _day(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).date().isoformat()


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
