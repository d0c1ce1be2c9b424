"""Token buckets: bursts, refill, and a bound on how many are kept."""

import pytest

from crm.access.rate_buckets import RateBuckets
from crm.access.rate_budgets import BUDGETS, RATE_CLASSES, Budget, budgets_with
from tests.support import ROOT

BUDGET = Budget(3, 60)


def test_a_burst_is_taken_and_refilled_evenly() -> None:
    buckets = RateBuckets()
    taken = [buckets.take("ai", "a", BUDGET, 100.0) for _ in range(5)]
    assert [each.is_allowed for each in taken] == [True] * 3 + [False] * 2
    assert [each.remaining for each in taken] == [2, 1, 0, 0, 0]
    assert taken[-1].retry_after == 20
    assert taken[-1].headers() == {"RateLimit-Policy": '"ai";q=3;w=60', "RateLimit": '"ai";r=0;t=60'}
    assert not buckets.take("ai", "a", BUDGET, 119.9).is_allowed
    assert buckets.take("ai", "a", BUDGET, 120.0).is_allowed
    assert not buckets.take("ai", "a", BUDGET, 120.0).is_allowed
    assert buckets.take("ai", "a", BUDGET, 1_000.0).remaining == 2


def test_buckets_of_other_names_and_classes_are_others() -> None:
    buckets = RateBuckets()
    for _ in range(3):
        buckets.take("ai", "a", BUDGET, 0.0)
    assert buckets.take("ai", "b", BUDGET, 0.0).is_allowed
    assert buckets.take("exports", "a", BUDGET, 0.0).is_allowed
    assert not buckets.look("ai", "a", BUDGET, 0.0).is_allowed


def test_looking_takes_nothing() -> None:
    buckets = RateBuckets()
    assert [buckets.look("ai", "a", BUDGET, 0.0).remaining for _ in range(9)] == [3] * 9


@pytest.mark.parametrize("budget", BUDGETS.values())
def test_the_whole_budget_is_there_at_once_and_once(budget: Budget) -> None:
    buckets = RateBuckets()
    taken = [buckets.take("ai", "a", budget, 12_345.678).is_allowed for _ in range(budget.calls + 1)]
    assert taken == [True] * budget.calls + [False]


def test_a_million_names_take_no_more_memory_than_the_bound() -> None:
    buckets = RateBuckets(1_600)
    for number in range(1_000_000):
        buckets.take("public", str(number), BUDGET, number / 1_000)
    assert len(buckets) <= 1_600


def test_a_bucket_in_use_outlives_others() -> None:
    buckets = RateBuckets(1_600)
    for number in range(100_000):
        buckets.take("public", str(number), BUDGET, 0.0)
        buckets.take("public", "in use", BUDGET, 0.0)
    assert not buckets.look("public", "in use", BUDGET, 0.0).is_allowed


def test_settings_replace_budgets_in_their_order() -> None:
    found = budgets_with(["all=10/5", "ai=7/3"])
    assert found == {**dict.fromkeys(RATE_CLASSES, Budget(10, 5)), "ai": Budget(7, 3)}
    assert budgets_with([]) == BUDGETS


def test_the_docs_list_the_budgets() -> None:
    text = (ROOT / "docs" / "rate-limits.md").read_text()
    rows = [f"| `{name}` | {each.calls:,} | {each.window:,} |" for name, each in BUDGETS.items()]
    assert "\n".join(rows) + "\n\n" in text


@pytest.mark.parametrize("text", ["", "ai", "ai=0/60", "ai=5/0", "nothing=5/60", "ai=5/60;", "ai=-5/60"])
def test_a_wrong_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate limit is"):
        budgets_with([text])
