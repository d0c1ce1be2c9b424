"""Days until a birthday, which depend on its month and day only."""

from datetime import date


def days_to_birthday(month: int, day: int, today: date) -> int:
    """Days from today to the next birthday, 0 on the day itself.

    In years without 29 February such a birthday is on the 28th: better early than late.
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
