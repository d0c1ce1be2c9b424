"""Ages that people type."""

from datetime import timedelta

import pytest

from crm.cli.ages import age
from crm.cli.console import Sorry


@pytest.mark.parametrize(
    ("text", "minutes"), [("90m", 90), ("36h", 36 * 60), (" 7d ", 7 * 24 * 60), ("0m", 0)]
)
def test_an_age_is_a_number_and_a_unit(text: str, minutes: int) -> None:
    assert age(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "7", "7w", "-1d", "1.5h", "d", "999999d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(Sorry, match="is no age"):
        age(text)
