"""Checks of posted batches."""

import json
from datetime import UTC, datetime

import pytest

from crm.customers.bookkeeping import applied_to
from crm.customers.checks import check_batch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("cities", [("Leeds", "Bath"), ("Bath", "Leeds")])
def test_the_later_of_two_records_without_a_time_in_one_batch_wins(cities: tuple[str, str]) -> None:
    records = [{"customer_id": "C-1", "city": city} for city in cities]
    checked = check_batch("customers", json.dumps({"records": records}).encode(), NOW)
    for order in (checked.records, checked.records[::-1]):
        assert applied_to({}, {}, order).customers["C-1"].city == cities[-1]


def test_the_later_of_two_orders_without_a_time_in_one_batch_wins() -> None:
    order = {"order_id": "O-1", "customer_id": "C-1", "amount": 5, "placed_at": "2026-03-01T10:00:00Z"}
    records = [{**order, "status": status} for status in ("cancelled", "completed")]
    checked = check_batch("orders", json.dumps({"records": records}).encode(), NOW)
    assert applied_to({}, {}, checked.records[::-1]).orders["O-1"].status == "completed"
