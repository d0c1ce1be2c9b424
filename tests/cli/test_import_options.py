"""Columns as fields: every rule of the mapping."""

from typing import Any

import pytest

from crm.cli.import_options import plan
from crm.imports.columns import record

ORDERS = ("order_id", "customer_id", "placed_at", "amount", "units", "top_item")


def test_columns_named_like_fields_need_no_mapping_and_others_are_ignored() -> None:
    made = plan("orders", ORDERS)
    assert made.ignored == ("units", "top_item")
    assert record(made, ["O1", "C1", "2010-12-01T08:26:00Z", "139.12", "40", "LAMP"]) == {
        "order_id": "O1",
        "customer_id": "C1",
        "placed_at": "2010-12-01T08:26:00Z",
        "amount": "139.12",
    }


def test_a_mapped_column() -> None:
    made = plan("orders", ORDERS, ["top_item=category"])
    assert made.ignored == ("units",)
    assert record(made, ["O1", "C1", "2010-12-01", "1", "40", "LAMP"])["category"] == "LAMP"


def test_a_column_whose_name_holds_an_equals_sign() -> None:
    made = plan("customers", ["a=b", "customer_id"], ["a=b=name"])
    assert record(made, ["Mira", "C1"])["name"] == "Mira"


def test_a_mapping_goes_before_a_name() -> None:
    made = plan("customers", ["customer_id", "name", "full"], ["full=name"])
    assert record(made, ["C1", "short", "Mira Shah"]) == {"customer_id": "C1", "name": "Mira Shah"}
    assert made.ignored == ("name",)


def test_attributes_and_consents() -> None:
    header = ["customer_id", "size", "vip", "city2", "attributes.level", "consents.sms"]
    maps = ["size=attributes.size:number", "vip=attributes.vip:boolean", "city2=attributes.town"]
    made = plan("customers", header, maps)
    assert record(made, ["C1", "38.5", "yes", "Leeds", "7", "no"]) == {
        "customer_id": "C1",
        "attributes": {"size": 38.5, "vip": True, "town": "Leeds", "level": "7"},
        "consents": {"sms": False},
    }


def test_an_empty_cell_says_nothing() -> None:
    made = plan("customers", ["customer_id", "name", "attributes.x"])
    assert record(made, ["C1", "  ", ""]) == {"customer_id": "C1"}


def test_fill_sets_empty_cells_only() -> None:
    made = plan(
        "customers",
        ["customer_id", "email"],
        fills=["email={customer_id}@example.com", "name=Customer {customer_id}"],
    )
    assert record(made, ["C1", ""]) == {
        "customer_id": "C1",
        "email": "C1@example.com",
        "name": "Customer C1",
    }
    assert record(made, ["C1", "own@example.com"])["email"] == "own@example.com"


def test_set_replaces_the_value_of_a_row() -> None:
    made = plan("customers", ["customer_id", "email"], sets=["email={customer_id}@example.com"])
    assert record(made, ["C1", "own@example.com"])["email"] == "C1@example.com"


def test_a_template_of_an_empty_cell_makes_nothing() -> None:
    made = plan("customers", ["customer_id", "nick"], fills=["email={nick}@example.com"])
    assert record(made, ["C1", ""]) == {"customer_id": "C1"}
    assert made.ignored == (), "a column that a template uses is not ignored"


def test_a_template_gives_a_required_field_and_is_of_its_kind() -> None:
    made = plan("customers", ["n"], sets=["customer_id=C-{n}", "tags=imported;{n}"])
    assert record(made, ["5"]) == {"customer_id": "C-5", "tags": ["imported", "5"]}


def test_a_template_is_not_code() -> None:
    made = plan("customers", ["customer_id", "x"], fills=["name={x} {x.__class__"])
    assert record(made, ["C1", "{customer_id}"])["name"] == "{customer_id} {x.__class__"


@pytest.mark.parametrize("cells", [["C1"], ["C1", "a", "b"]])
def test_a_row_of_another_length_is_no_record(cells: list[str]) -> None:
    with pytest.raises(ValueError, match="cells where the header has 2"):
        record(plan("customers", ["customer_id", "name"]), cells)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"header": ["id"]}, "No column gives customer_id: name one with --map COLUMN=FIELD"),
        ({"maps": ["a"]}, "must be column=field"),
        ({"maps": ["=name"]}, "must be column=field"),
        ({"maps": ["b=name"]}, "--map b: names no column of the file"),
        ({"maps": ["a=nam"]}, "'nam' is no field of customers; there are customer_id, email"),
        ({"maps": ["a=attributes"]}, "'attributes' is no field"),
        ({"maps": ["a=attributes.two words"]}, "is no field"),
        ({"maps": ["a=attributes.x:money"]}, "is no field"),
        ({"maps": ["a=consents.fax"]}, "is no field"),
        ({"maps": ["a=name", "a=city"]}, "mapped already"),
        ({"maps": ["a=name", "customer_id=name"]}, "name is filled by another column already"),
        ({"fills": ["email"]}, "must be field=template"),
        ({"fills": ["email={b}@example.com"]}, "there is no column 'b'"),
        ({"sets": ["mail={a}"]}, "'mail' is no field"),
    ],
)
def test_a_plan_that_cannot_be(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:
        plan(**{"entity": "customers", "header": ["customer_id", "a"], **arguments})
    assert sentence in str(raised.value)


def test_orders_have_no_attributes() -> None:
    with pytest.raises(ValueError, match="no field of orders"):
        plan("orders", ORDERS, ["units=attributes.units"])


def test_of_two_columns_named_like_one_field_the_first_fills_it() -> None:
    header = ["customer_id", "attributes.size", "attributes.size:number"]
    assert [target.name if target else None for target in plan("customers", header).fields] == [
        "customer_id",
        "attributes.size",
        None,
    ]
