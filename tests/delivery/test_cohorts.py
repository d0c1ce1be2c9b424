"""Cohorts: each recipient in one by spend and one by activity."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.customer import Customer, Totals
from crm.delivery.cohorts import LABELS, cohorts_of, label_of
from crm.kernel.money import SCALE

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spend", "cohort"),
    [(0, "regular_spenders"), (1_000 * SCALE, "regular_spenders"), (1_000 * SCALE + 1, "high_spenders")],
)
def test_a_high_spender_spent_more_than_a_thousand(spend: int, cohort: str) -> None:
    assert cohorts_of(Customer(customer_id="C", totals=Totals(total_spend=spend)), NOW)[0] == cohort


@pytest.mark.parametrize(
    ("last_order_at", "cohort"),
    [
        (None, "never_ordered"),
        (NOW, "active"),
        (NOW - timedelta(days=90), "active"),
        (NOW - timedelta(days=90, seconds=1), "lapsed"),
    ],
)
def test_activity_is_an_order_within_ninety_days(last_order_at: datetime | None, cohort: str) -> None:
    customer = Customer(customer_id="C", totals=Totals(last_order_at=last_order_at))
    assert cohorts_of(customer, NOW)[1] == cohort


def test_every_cohort_has_a_label() -> None:
    assert set(LABELS) == {"high_spenders", "regular_spenders", "active", "lapsed", "never_ordered"}


def test_a_cohort_without_a_label_is_named_by_its_id() -> None:
    assert label_of("high_spenders") == "High spenders (over 1,000)"
    assert label_of("new_customers") == "New customers"
