"""Values of rules as spans of stored values: from the first that equals them to the first beyond.

A day is a span of instants, an amount one of ten-thousandths. With spans every comparison is exact, and one
formula serves all kinds.
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
"""Two of the whole numbers that a column stores: numbers, ten-thousandths, days or microseconds."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The one moment and time zone of an evaluation."""

    now: datetime
    zone: tzinfo


def whole_numbers(number: Decimal) -> Span:
    """The integers that equal the number: one, or none where it has decimals."""
    return math.ceil(Fraction(number)), math.floor(Fraction(number)) + 1


def amounts(number: Decimal) -> Span:
    """The ten-thousandths that equal the amount: one, or none where it is finer than that."""
    exact = Fraction(number) * SCALE
    return math.ceil(exact), math.floor(exact) + 1


def days(moment: Moment, clock: Clock) -> Span:
    """The one day on which the moment lies."""
    day = day_number(day_of(moment, clock.now, clock.zone))
    return day, day + 1


def instants(moment: Moment, clock: Clock, equality: bool) -> Span:
    """From midnight to midnight where the moment stands for a day, else one microsecond."""
    if is_whole_day(moment, equality):
        day = day_of(moment, clock.now, clock.zone)
        return microseconds(start_of(day, clock.zone)), microseconds(start_of(day + _DAY, clock.zone))
    assert isinstance(moment, datetime | Relative)
    at = microseconds(instant_of(moment, clock.now, clock.zone))
    return at, at + 1
