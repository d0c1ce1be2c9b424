"""Points in time as rules name them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.kernel.moments import MAX_OFFSET, UNITS, Relative, day_of, instant_of, local_day, start_of

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "unit", "expected"),
    [
        (-36, "hour", "2026-03-29T22:30:00+00:00"),
        (-90, "day", "2025-12-31T11:30:00+00:00"),  # winter in Berlin: 12:30 on the wall both times
        (-1, "week", "2026-03-24T11:30:00+00:00"),
        (-1, "month", "2026-02-28T11:30:00+00:00"),
        (11, "month", "2027-02-28T11:30:00+00:00"),
        (-2, "year", "2024-03-31T10:30:00+00:00"),
        (0, "day", "2026-03-31T10:30:00+00:00"),
    ],
)
def test_an_offset_follows_the_calendar_of_the_zone(offset: int, unit: str, expected: str) -> None:
    assert instant_of(Relative(offset, unit), NOW, BERLIN).isoformat() == expected  # type: ignore[arg-type]


def test_a_leap_day_a_year_earlier_is_the_28th() -> None:
    assert instant_of(Relative(-1, "year"), datetime(2024, 2, 29, tzinfo=UTC), UTC).day == 28


@pytest.mark.parametrize("unit", UNITS)
def test_the_largest_offsets_stay_in_the_calendar(unit: str) -> None:
    for sign in (-1, 1):
        instant_of(Relative(sign * MAX_OFFSET[unit], unit), NOW, BERLIN)  # type: ignore[arg-type]


def test_a_wall_clock_time_stands_in_the_zone() -> None:
    assert instant_of(datetime(2026, 7, 1, 12), NOW, BERLIN) == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_a_day_begins_at_midnight_in_the_zone_also_when_clocks_change() -> None:
    assert start_of(date(2026, 3, 29), BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert start_of(date(2026, 3, 30), BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_the_day_of_a_time_is_that_of_the_zone() -> None:
    late = datetime(2026, 3, 31, 2, tzinfo=UTC)

    assert day_of(late, NOW, NEW_YORK) == local_day(late, NEW_YORK) == date(2026, 3, 30)
    assert day_of(Relative(-1, "day"), late, NEW_YORK) == date(2026, 3, 29)


def test_the_last_instant_there_is_has_a_day() -> None:
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)

    assert local_day(last, BERLIN) == last.date()
    assert local_day(last - timedelta(days=1), BERLIN) == last.date()
