"""Checks of posted batches."""

import json
from datetime import UTC, datetime

import pytest

from crm.customers.bookkeeping import applied_to
from crm.customers.checks import check_batch
from crm.kernel.errors import Invalid
from crm.kernel.validation import MAX_ERRORS, MAX_LISTED

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


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join(b'"x%06d":1' % n for n in range(100_000)) + b"}",
        b'{"records":[' + b",".join([b"{}"] * 400_000) + b"]}",
        b'{"records":[' + b"[]," * 400_000 + b"1]}",
    ],
    ids=["names", "objects", "lists"],
)
def test_a_batch_with_more_than_anybody_has_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        check_batch("customers", body, NOW)
    assert [error.path for error in refused.value.errors] == ["body"]


@pytest.mark.parametrize("inside", [None, "attributes", "consents"])
def test_a_record_with_more_names_than_anybody_has_stops_no_other(inside: str | None) -> None:
    names = {f"x{n:06}": n for n in range(100_000)}
    many = names if inside is None else {"customer_id": "C-2", inside: names}
    body = json.dumps({"records": [many, {"customer_id": "C-1"}]}).encode()
    checked = check_batch("customers", body, NOW)
    assert [record.customer_id for record in checked.records] == ["C-1"]
    assert [(place, each.errors[0].message) for place, each in checked.rejected.items()] == [
        (0, "has more than 60 fields, attributes or tags")
    ]


def test_a_batch_of_nothing_but_errors_lists_some_and_counts_all() -> None:
    bad = {f"x{n}": n for n in range(50)}
    body = json.dumps({"records": [bad] * 1000}).encode()
    rejected = check_batch("customers", body, NOW).rejected
    listed = [each for each in rejected.values() if len(each.errors) == MAX_ERRORS]
    assert len(listed) == MAX_LISTED // 51
    assert {len(each.errors) + each.more for each in listed} == {51}
    assert {each.more for each in rejected.values() if len(each.errors) == 1} == {51}
    assert len(rejected) == 1000
