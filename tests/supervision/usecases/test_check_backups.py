"""Backups that are too old are reported once an hour."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from crm.kernel.errors import Unavailable
from crm.supervision.backups import Backups
from crm.supervision.usecases.check_backups import CheckBackups

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
WITHIN = timedelta(hours=30)
YEAR_AGO = NOW - timedelta(days=365)


async def logged(caplog: pytest.LogCaptureFixture, found: Backups) -> list[str]:
    async def backups() -> Backups:
        return found

    caplog.clear()
    await CheckBackups(backups=backups, within=WITHIN)(NOW)
    assert all(record.levelno == logging.ERROR for record in caplog.records)
    return caplog.messages


async def test_a_backup_in_time_is_not_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged(caplog, Backups(YEAR_AGO, NOW - WITHIN)) == []


async def test_a_backup_that_is_too_old_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    found = Backups(YEAR_AGO, NOW - WITHIN - timedelta(minutes=1))
    assert await logged(caplog, found) == ["the database has had no backup for 30 hours"]


async def test_a_new_database_may_be_without_one_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged(caplog, Backups(NOW - WITHIN, None)) == []
    late = Backups(NOW - timedelta(hours=31), None)
    assert await logged(caplog, late) == ["the database has had no backup for 31 hours"]


async def test_nobody_who_can_say_three_times_in_a_row_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    answers = [None, None, Backups(NOW, NOW), None, None, None]

    async def backups() -> Backups:
        answer = answers.pop(0)
        if answer is None:
            raise Unavailable("May not.")
        return answer

    check = CheckBackups(backups=backups, within=WITHIN)
    for minute in (0, 1, 2, 3, 62, 63):
        await check(NOW + timedelta(minutes=minute))
        assert caplog.messages == []
    await check(NOW + timedelta(minutes=64))
    assert caplog.messages == ["whether the database has a backup is not known: May not."]
    assert answers == []


@pytest.mark.parametrize(("within", "times"), [(WITHIN, 3), (timedelta(0), 0)])
async def test_it_is_asked_once_an_hour_where_there_should_be_one(within: timedelta, times: int) -> None:
    asked = []

    async def backups() -> Backups:
        asked.append(1)
        return Backups(NOW, NOW)

    check = CheckBackups(backups=backups, within=within)
    for minute in range(121):
        await check(NOW + timedelta(minutes=minute))
    assert len(asked) == times
