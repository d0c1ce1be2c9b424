"""Percentages as people read them, and figures of a campaign."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.campaign import Campaign, Counts, Message
from crm.campaigns.figures import figures_of, percent

CAMPAIGN = Campaign(
    campaign_id="c1",
    name="Spring",
    status="finished",
    channel="simulator",
    message=Message(body="Hi"),
    rules={},
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    created_by="marketer@example.com",
    launched_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
    audience=10,
)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (1470, 1633, "90"),
        (1, 3, "33"),
        (1, 2, "50"),
        (25, 200, "13"),
        (0, 5, "0"),
        (5, 5, "100"),
        (4, 1000, "0.4"),
        (1, 1_000_000, "0.1"),
        (997, 1000, "99.7"),
        (999_999, 1_000_000, "99.9"),
    ],
)
def test_percent(part: int, whole: int, expected: str) -> None:
    assert percent(part, whole) == Decimal(expected)


@given(st.integers(1, 10**7).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_only_nothing_is_0_and_only_everything_is_100(pair: tuple[int, int]) -> None:
    part, whole = pair
    shown = percent(part, whole)
    assert (shown == 0) == (part == 0)
    assert (shown == 100) == (part == whole)
    assert abs(shown - Decimal(part) * 100 / whole) <= Decimal("0.5")


def test_figures_of_a_campaign() -> None:
    groups = {
        "all": Counts(delivered=6, failed=2, skipped=1, opened=3),
        "high_spenders": Counts(delivered=4),
        "lapsed": Counts(),
    }
    figures = figures_of(CAMPAIGN, groups, ZoneInfo("Europe/Berlin")).as_json()
    assert figures["all"] == {
        "audience": 10,
        "pending": 1,
        "sent": 6,
        "accepted": 0,
        "delivered": 6,
        "failed": 2,
        "skipped": 1,
        "unknown": 0,
        "opened": 3,
        "clicked": 0,
        "attempted": 8,
        "percent": {"delivered": 75, "failed": 25, "opened": 50, "clicked": 0},
    }
    assert list(figures["cohorts"]) == ["high_spenders"]
    assert figures["cohorts"]["high_spenders"]["percent"]["delivered"] == 100
    assert "audience" not in figures["cohorts"]["high_spenders"]
    assert figures["launched_on"] == "2026-03-02", "the day is the project's, not UTC's"
    assert figures["finished_on"] is None


def test_a_share_of_nothing_is_left_out() -> None:
    figures = figures_of(CAMPAIGN, {"all": Counts(skipped=10)}, UTC)
    assert figures.everyone.percents == {}
    assert figures.everyone.counts["attempted"] == 0
