"""A line for each check; one that is wrong, or that was not finished, makes the whole not hold."""

import pytest
from rich.console import Console

from devstack.console import Steps
from rehearse.table import Report, table


def shown(report: Report) -> str:
    console = Console(width=120)
    with console.capture() as printed:
        console.print(table(report))
    return printed.get()


def test_a_check_that_finds_nothing_wrong_holds() -> None:
    report = Report(Steps())
    with report.checking("calls", "answers with 5xx") as line:
        line.record("0 of 12")

    assert report.holds
    assert "0 of 12" in shown(report)


def test_what_is_wrong_is_shown_and_the_next_check_is_made() -> None:
    report = Report(Steps())
    with report.checking("logs", "error lines") as line:
        line.record("1", "crm-deliver: [oops]")
    with report.checking("end", "campaigns are over") as line:
        line.record("2 finished")

    assert not report.holds
    assert "crm-deliver: [oops]" in shown(report)
    assert "2 finished" in shown(report)


def test_a_check_that_cannot_be_made_is_wrong() -> None:
    report = Report(Steps())
    with pytest.raises(TimeoutError), report.checking("end", "campaigns are over"):
        raise TimeoutError

    assert not report.holds
    assert "TimeoutError" in shown(report)
