"""Birthdays as they come round: what counts is the month and the day."""

from datetime import date


def days_to_birthday(month: int, day: int, today: date) -> int:
    """Days from today to the next birthday, 0 on the day itself.

    Who was born on 29 February celebrates on the 28th where a year has no 29th: better early than late.
    """
    return next(
        days
        for year in (today.year, today.year + 1)
        if (days := (_in_year(year, month, day) - today).days) >= 0
    )


def _in_year(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, day - 1)
