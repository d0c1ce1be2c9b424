"""Cohorts: groups of recipients that a campaign is also reported by, stored in the row when it is sent."""

from datetime import datetime, timedelta

from crm.customers.customer import Customer
from crm.kernel.money import SCALE

HIGH_SPEND = 1_000 * SCALE
"""Customers who spent more than this are high spenders."""

ACTIVE_WITHIN = timedelta(days=90)

LABELS = {
    "high_spenders": "High spenders (over 1,000)",
    "regular_spenders": "Regular spenders",
    "active": "Active (ordered within 90 days)",
    "lapsed": "Lapsed (no order for 90 days)",
    "never_ordered": "Never ordered",
}
"""The display name of each cohort."""


def label_of(cohort: str) -> str:
    """The display name of a cohort; of one stored by another version of the code, its id in plain words."""
    return LABELS.get(cohort) or cohort.replace("_", " ").capitalize()


def cohorts_of(customer: Customer, at: datetime) -> tuple[str, str]:
    """The customer's cohort by spend and the one by activity, as of `at`. Only completed orders count."""
    spend = "high_spenders" if customer.totals.total_spend > HIGH_SPEND else "regular_spenders"
    last = customer.totals.last_order_at
    if last is None:
        return spend, "never_ordered"
    return spend, "active" if at - last <= ACTIVE_WITHIN else "lapsed"
