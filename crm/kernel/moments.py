"""Points in time in rules: a day, an instant, or an offset from now."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal, get_args

Unit = Literal["hour", "day", "week", "month", "year"]

MAX_OFFSET: Final = {"hour": 1_000_000, "day": 50_000, "week": 7_000, "month": 1_500, "year": 125}
"""Largest offset by unit: `now` plus or minus that stays within the calendar."""

FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 9998
"""Years allowed in rules: their first and last day exist in every time zone."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]{4,15}(Z|[+-][0-9:]{2,8})?")
_HOURS: Final = {"hour": 1.0, "day": 24.0, "week": 168.0, "month": 730.5, "year": 8766.0}


@dataclass(frozen=True, slots=True)
class Relative:
    """`offset` units from now; negative is the past. Hours are exact, other units follow the calendar."""

    offset: int
    unit: Unit

    @property
    def hours(self) -> float:
        """The approximate offset in hours, to compare two of them."""
        return self.offset * _HOURS[self.unit]


Moment = date | datetime | Relative
"""A `date` is a day in the project's time zone; a `datetime` without a zone is in that zone."""

UNITS: Final = get_args(Unit)


def parse_moment(text: str) -> date | datetime:
    """`2026-03-01` → a day; `2026-03-01T12:00` and longer → an instant. Raises ValueError with the reason."""
    moment: date | datetime
    try:
        if _DAY.fullmatch(text):
            moment = date.fromisoformat(text)
        elif _INSTANT.fullmatch(text):
            moment = datetime.fromisoformat(text)
        else:
            raise ValueError
    except ValueError:
        raise ValueError("is not a date that exists, written like 2026-03-01") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def instant_of(moment: datetime | Relative, now: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC. Calendar offsets keep `zone`'s wall clock; a missing 31st is the 30th."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    if moment.unit == "hour":
        return now.astimezone(UTC) + timedelta(hours=moment.offset)
    wall = now.astimezone(zone).replace(tzinfo=None)
    if moment.unit in ("day", "week"):
        wall += timedelta(days=moment.offset * (7 if moment.unit == "week" else 1))
    else:
        months = wall.year * 12 + wall.month - 1 + moment.offset * (12 if moment.unit == "year" else 1)
        year, month = divmod(months, 12)
        day = min(wall.day, monthrange(year, month + 1)[1])
        wall = wall.replace(year=year, month=month + 1, day=day)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def day_of(moment: Moment, now: datetime, zone: tzinfo) -> date:
    """The day of the moment in `zone`."""
    if isinstance(moment, datetime | Relative):
        return instant_of(moment, now, zone).astimezone(zone).date()
    return moment


def local_day(at: datetime, zone: tzinfo) -> date:
    """The day of a stored instant in `zone`."""
    try:
        return at.astimezone(zone).date()
    except OverflowError:  # the first or last day of the calendar, which the zone's offset leaves
        return at.date()


def start_of(day: date, zone: tzinfo) -> datetime:
    """The first instant of the day in `zone`, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def is_whole_day(moment: Moment, equality: bool) -> bool:
    """Whether the moment is a whole day, midnight to midnight, rather than an instant.

    A date is. "Equal to 7 days ago" means that day, while "before 7 days ago" is exact to the second.
    """
    if isinstance(moment, Relative):
        return equality and moment.unit != "hour"
    return not isinstance(moment, datetime)


def reversed_order(first: Moment, last: Moment, zone: tzinfo = UTC) -> bool:
    """Whether the bounds of a `between` are in the wrong order whatever `now` is."""
    if isinstance(first, Relative) and isinstance(last, Relative):
        return first.hours > last.hours
    if isinstance(first, Relative) or isinstance(last, Relative):
        return False
    if isinstance(first, datetime) and isinstance(last, datetime):
        return instant_of(first, first, zone) > instant_of(last, last, zone)
    return _plain_day(first) > _plain_day(last)


def _plain_day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
