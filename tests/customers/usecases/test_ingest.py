"""What is taken of a call, before anything is stored."""

import json
from datetime import UTC, datetime

import pytest

from crm.customers.bookkeeping import entered
from crm.customers.usecases.ingest import check_batch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("cities", [("Leeds", "Bath"), ("Bath", "Leeds")])
def test_of_two_records_without_a_time_in_one_call_the_later_counts(cities: tuple[str, str]) -> None:
    records = [{"customer_id": "C-1", "city": city} for city in cities]
    checked = check_batch("customers", json.dumps({"records": records}).encode(), NOW)
    for order in (checked.records, checked.records[::-1]):
        assert entered(order, {}, {}).profiles["C-1"].city == cities[-1]


def test_so_it_is_with_orders() -> None:
    order = {"order_id": "O-1", "customer_id": "C-1", "amount": 5, "placed_at": "2026-03-01T10:00:00Z"}
    records = [{**order, "status": status} for status in ("cancelled", "completed")]
    checked = check_batch("orders", json.dumps({"records": records}).encode(), NOW)
    assert entered(checked.records[::-1], {}, {}).orders["O-1"].status == "completed"
