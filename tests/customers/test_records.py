from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from crm.customers.records import CustomerRecord, OrderRecord

ORDER = {"order_id": "O", "customer_id": "C", "amount": 1, "placed_at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_id", 7),
        ("customer_id", ""),
        ("customer_id", "a\x00b"),
        ("customer_id", "x" * 129),
        ("email", "nobody"),
        ("email", "a@b@example.com"),
        ("phone", "call me"),
        ("name", "x" * 201),
        ("birthday", "2025-02-30"),
        ("created_at", 1_700_000_000),
        ("visits", -1),
        ("visits", "7"),
        ("visits", True),
        ("tags", ["x"] * 51),
        ("tags", "vip"),
        ("consent", "yes"),
        ("consents", {"fax": True}),
        ("attributes", {"a": float("nan")}),
        ("attributes", {"a": float("inf")}),
        ("attributes", {"a": [1]}),
        ("attributes", {"no good": 1}),
        ("attributes", {"a": "2025-02-30"}),
        ("colour", "blue"),
    ],
)
def test_a_bad_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        CustomerRecord.model_validate({"customer_id": "C", field: value})

    assert caught.value.errors()[0]["loc"][0] == field


@pytest.mark.parametrize(
    "amount",
    ["NaN", "1e400", "Infinity", True, None, "1.23456", 10**10, "twelve", float("nan")],
)
def test_an_amount_is_a_finite_number_of_four_decimals(amount: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        OrderRecord.model_validate({**ORDER, "amount": amount})

    assert caught.value.errors()[0]["loc"] == ("amount",)


@pytest.mark.parametrize("text", ['{"amount": NaN}', '{"amount": 1e400}', '{"amount": -Infinity}'])
def test_json_literals_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        OrderRecord.model_validate_json(text)

    assert ("amount",) in {error["loc"] for error in caught.value.errors()}


def test_times_become_utc_and_a_time_without_zone_is_utc() -> None:
    plain = OrderRecord.model_validate({**ORDER, "placed_at": "2026-01-01T12:00:00"})
    zoned = OrderRecord.model_validate({**ORDER, "placed_at": "2026-01-01T13:00:00+01:00"})

    assert plain.placed_at == zoned.placed_at == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_attributes_keep_their_types() -> None:
    record = CustomerRecord.model_validate(
        {"customer_id": "C", "attributes": {"n": 3, "t": "x", "b": True, "d": "2026-05-17", "gone": None}}
    )

    assert record.attributes == {"n": 3.0, "t": "x", "b": True, "d": date(2026, 5, 17), "gone": None}
    assert record.attributes is not None
    assert record.attributes["b"] is True


def test_a_record_survives_its_own_json() -> None:
    record = CustomerRecord.model_validate(CustomerRecord.model_json_schema()["examples"][0])

    assert CustomerRecord.model_validate_json(record.model_dump_json(exclude_unset=True)) == record


@pytest.mark.parametrize("number", ["1" + "0" * 400, "NaN", "-Infinity", "1e400"])
def test_an_attribute_is_a_finite_number(number: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CustomerRecord.model_validate_json(f'{{"customer_id":"C-1","attributes":{{"size":{number}}}}}')
    assert [error["loc"] for error in caught.value.errors()] == [("attributes", "size")]


def test_an_attribute_may_not_use_a_name_that_firestore_keeps() -> None:
    with pytest.raises(ValidationError):
        CustomerRecord(customer_id="C-1", attributes={"__key__": 1})


def test_a_bare_number_is_no_time() -> None:
    with pytest.raises(ValidationError):
        CustomerRecord.model_validate({"customer_id": "C-1", "updated_at": "1700000000"})


def test_a_date_among_attributes_is_a_date_with_blanks_too() -> None:
    assert CustomerRecord(customer_id="C-1", attributes={"since": " 2020-01-02 "}).attributes == {
        "since": date(2020, 1, 2)
    }
