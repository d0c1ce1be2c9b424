"""Converts values of rules to spans of stored numbers: from the first equal one to the first beyond.

A day is a span of instants, an amount a span of ten-thousandths. So comparisons are exact, and one formula
serves all kinds.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Final

from crm.customers.changes import day_number, microseconds
from crm.kernel.moments import Moment, Relative, day_of, instant_of, is_whole_day, start_of
from crm.kernel.money import SCALE

Span = tuple[int, int]
"""First and end (exclusive), as columns store them: numbers, ten-thousandths, days or microseconds."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time and the time zone of an evaluation."""

    now: datetime
    zone: tzinfo


def whole_numbers(number: Decimal) -> Span:
    """The one integer that equals the number; an empty span for a number with decimals."""
    return math.ceil(Fraction(number)), math.floor(Fraction(number)) + 1


def amounts(number: Decimal) -> Span:
    """The ten-thousandths that equal the amount; an empty span where it has more than four decimals."""
    exact = Fraction(number) * SCALE
    return math.ceil(exact), math.floor(exact) + 1


def days(moment: Moment, clock: Clock) -> Span:
    """The day of the moment."""
    day = day_number(day_of(moment, clock.now, clock.zone))
    return day, day + 1


def instants(moment: Moment, clock: Clock, equality: bool) -> Span:
    """Midnight to midnight where the moment means a whole day, otherwise one microsecond."""
    if is_whole_day(moment, equality):
        day = day_of(moment, clock.now, clock.zone)
        return microseconds(start_of(day, clock.zone)), microseconds(start_of(day + _DAY, clock.zone))
    assert isinstance(moment, datetime | Relative)
    at = microseconds(instant_of(moment, clock.now, clock.zone))
    return at, at + 1
