"""The catalogue offers the fields of rules with the values in use."""

import json
from typing import Any

from crm.audience.engine.field_catalogue import field_catalogue
from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.customers.changes import encode
from tests.audience.sample import NOW, SNAPSHOT, customer, order, rules


def fields(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in field_catalogue(snapshot)}


def test_the_catalogue_offers_fields_with_their_operators_and_the_values_in_use() -> None:
    found = fields(SNAPSHOT)

    json.dumps(found)
    assert [each["name"] for each in found["country"]["values"]] == ["France", "Spain"]
    assert [each["name"] for each in found["tags"]["values"]] == ["vip"]
    assert (found["tags"]["valueEditorType"], found["consent"]["valueEditorType"]) == ("select", "checkbox")
    assert (found["total_spend"]["inputType"], found["last_order_at"]["inputType"]) == ("number", "date")
    assert {"name": "<", "label": "before"} in found["birthday"]["operators"]
    assert (found["attributes.size"]["inputType"], found["attributes.tier"]["inputType"]) == (
        "number",
        "text",
    )
    inside = {each["name"]: each for each in found["orders"]["subproperties"]["fields"]}
    assert [each["name"] for each in inside["category"]["values"]] == ["hats", "shoes"]
    assert [each["name"] for each in inside["status"]["values"]] == [
        "pending",
        "completed",
        "cancelled",
        "refunded",
    ]
    assert [each["name"] for each in found["orders"]["matchModes"]] == [
        "atLeast",
        "atMost",
        "exactly",
        "none",
    ]


def test_rules_accept_every_operator_in_the_catalogue() -> None:
    values = {"number": 3, "money": 3, "day": "2025-01-01", "instant": "2025-01-01", "flag": True}
    for field in fields(SNAPSHOT).values():
        for operator in field.get("operators", []):
            one = values.get(field["kind"], "x")
            pair = operator["name"] in ("in", "notIn", "between", "notBetween")
            assert rules(field["name"], operator["name"], [one, one] if pair else one)


def test_a_field_with_very_many_values_lists_none() -> None:
    crowd = [customer(number, country=f"Land {number}", tags=(f"t{number}",)) for number in range(201)]
    found = fields(snapshot_of(applied(empty(), encode(crowd, [])), NOW))

    assert (found["country"]["values"], found["tags"]["values"]) == ([], [])
    assert found["tags"]["valueEditorType"] == "text"


def test_a_value_is_offered_only_if_enough_customers_have_it() -> None:
    crowd = [
        customer(
            number,
            country="Spain" if number < 5 else "France",
            city=f"{number} High Street",
            tags=("vip", f"friend-of-{number}"),
            attributes={"tier": "gold" if number < 5 else "silver", "note": f"diagnosis {number}"},
        )
        for number in range(9)
    ]
    placed = [order(f"O{number}", f"C{number:03}", 1, category="hats") for number in range(5)]
    # One customer's many orders are not those of many customers.
    placed += [order(f"P{number}", "C000", 1, category="wigs") for number in range(20)]
    snapshot = snapshot_of(applied(empty(), encode(crowd, placed)), NOW)

    def offered(least: int) -> dict[str, list[str]]:
        found = {each["name"]: each for each in field_catalogue(snapshot, least)}
        found |= {each["name"]: each for each in found["orders"]["subproperties"]["fields"]}
        names = ("country", "city", "tags", "attributes.tier", "attributes.note", "category")
        return {name: [each["name"] for each in found[name]["values"]] for name in names}

    assert offered(5) == {
        "country": ["Spain"],
        "city": [],
        "tags": ["vip"],
        "attributes.tier": ["gold"],
        "attributes.note": [],
        "category": ["hats"],
    }
    everything = offered(1)
    assert everything["category"] == ["hats", "wigs"]
    assert everything["country"] == ["France", "Spain"]
    assert len(everything["city"]) == len(everything["attributes.note"]) == 9
    assert len(everything["tags"]) == 10


def test_the_catalogue_without_customers() -> None:
    assert "total_spend" in fields(snapshot_of(empty(), NOW))
