"""Which groups of recipients a campaign's figures are told for. Frozen with the recipient's row."""

from datetime import datetime, timedelta

from crm.customers.customer import Customer
from crm.kernel.money import SCALE

HIGH_SPEND = 1_000 * SCALE
"""Whoever spent more than this is a high spender."""

ACTIVE_WITHIN = timedelta(days=90)

LABELS = {
    "high_spenders": "High spenders (over 1,000)",
    "regular_spenders": "Regular spenders",
    "active": "Active (ordered within 90 days)",
    "lapsed": "Lapsed (no order for 90 days)",
    "never_ordered": "Never ordered",
}
"""Every cohort, in the words for people."""


def cohorts_of(customer: Customer, at: datetime) -> tuple[str, str]:
    """The customer's group by spend and by activity, as of `at`. Only completed orders count."""
    spend = "high_spenders" if customer.totals.total_spend > HIGH_SPEND else "regular_spenders"
    last = customer.totals.last_order_at
    if last is None:
        return spend, "never_ordered"
    return spend, "active" if at - last <= ACTIVE_WITHIN else "lapsed"
