"""Values of rules as spans of stored values: from the first that equals them to the first beyond.

A day is a span of instants, an amount one of ten-thousandths. With spans every comparison is exact, and one
formula serves all kinds.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from crm.domain.moments import Moment, Relative, day_of, instant_of, is_whole_day, start_of
from crm.domain.money import SCALE

Span = tuple[Any, Any]
"""Two integers, floats, dates or UTC instants, of the kind of the column that is compared."""

_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The one moment and time zone of an evaluation."""

    now: datetime
    zone: tzinfo


def whole_numbers(number: Decimal) -> tuple[int, int]:
    """The integers that equal the number: one, or none where it has decimals."""
    return math.ceil(Fraction(number)), math.floor(Fraction(number)) + 1


def amounts(number: Decimal) -> tuple[int, int]:
    """The ten-thousandths that equal the amount: one, or none where it is finer than that."""
    exact = Fraction(number) * SCALE
    return math.ceil(exact), math.floor(exact) + 1


def floats(number: Decimal) -> tuple[float, float]:
    """The one float nearest to the number."""
    value = float(number)
    return value, math.nextafter(value, math.inf)


def days(moment: Moment, clock: Clock) -> tuple[date, date]:
    """The one day on which the moment lies."""
    day = day_of(moment, clock.now, clock.zone)
    return day, day + _DAY


def instants(moment: Moment, clock: Clock, equality: bool) -> tuple[datetime, datetime]:
    """From midnight to midnight where the moment stands for a day, else one microsecond."""
    if is_whole_day(moment, equality):
        day = day_of(moment, clock.now, clock.zone)
        return start_of(day, clock.zone), start_of(day + _DAY, clock.zone)
    assert isinstance(moment, datetime | Relative)
    at = instant_of(moment, clock.now, clock.zone)
    return at, at + _MICROSECOND
