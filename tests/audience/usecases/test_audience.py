"""Questions about the audience, answered from one snapshot."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.audience.rules.tree import Group, parse
from crm.audience.usecases.audience import explain, field_catalogue, preview, recipients, search_customers
from crm.customers.changes import encode
from crm.customers.customer import Customer, Totals
from crm.customers.order import Order
from crm.kernel.errors import NotFound

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def customer(number: int, **fields: Any) -> Customer:
    known = {"customer_id": f"C{number:03}", "known": True, "email": f"c{number}@example.com", "version": 1}
    return Customer(**{**known, **fields})


def order(order_id: str, customer_id: str, amount: int, **fields: Any) -> Order:
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        amount=amount,
        currency="GBP",
        status=fields.get("status", "completed"),
        category=fields.get("category"),
        placed_at=fields.get("placed_at", NOW),
        updated_at=NOW,
        version=1,
    )


SNAPSHOT = snapshot_of(
    applied(
        empty(),
        encode(
            [
                customer(3, name="Ada", totals=Totals(total_spend=12_345_600, order_count=2), tags=("vip",)),
                customer(1, name="Mira", country="France", attributes={"size": 38.0, "tier": "gold"}),
                customer(2, consent=False, country="Spain"),
                customer(4, email=None, birthday=date(1990, 5, 17)),
                customer(5, suppressions={"simulator": "complained"}, consents={"simulator": True}),
                customer(6, consents={"simulator": False}, email=None),
                customer(7, known=False),
            ],
            [
                order("O1", "C003", 100_000, category="shoes", placed_at=NOW - timedelta(days=3)),
                order("O2", "C003", 12_245_600, category="hats"),
                order("O3", "C003", 50_000, status="refunded", category="shoes"),
            ],
        ),
    ),
    NOW,
)
EVERYONE = parse({"combinator": "and", "rules": [], "all": True})


def rules(field: str, operator: str, value: Any = None) -> Group:
    return parse({"combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]})


def test_preview_counts_who_matches_who_is_reached_and_why_not_the_others() -> None:
    found = preview(SNAPSHOT, EVERYONE, NOW, UTC, "simulator")

    assert (found.matched, found.reachable, found.total) == (6, 2, 6)
    assert found.excluded == {"no_consent": 2, "no_address": 1, "suppressed": 1}
    assert found.description == "all customers"
    assert [(each["customer_id"], each["reason"]) for each in found.sample] == [
        ("C001", None),
        ("C002", "no_consent"),
        ("C003", None),
        ("C004", "no_address"),
        ("C005", "suppressed"),
        ("C006", "no_consent"),
    ]


def test_preview_of_nobody() -> None:
    found = preview(SNAPSHOT, rules("city", "=", "Atlantis"), NOW, UTC, "email")

    assert (found.matched, found.reachable, found.excluded, found.sample, found.total) == (0, 0, {}, [], 6)


def test_preview_shows_ten_in_what_json_can_say() -> None:
    crowd = snapshot_of(applied(empty(), encode([customer(number) for number in range(30)], [])), NOW)

    found = preview(crowd, EVERYONE, NOW, UTC, "email")

    assert len(found.sample) == 10
    assert json.loads(json.dumps(found.sample, allow_nan=False)) == found.sample


def test_preview_shows_money_as_people_write_it() -> None:
    [ada] = preview(SNAPSHOT, rules("total_spend", ">", 1000), NOW, UTC, "email").sample

    assert (ada["total_spend"], ada["order_count"], ada["tags"]) == (1234.56, 2, ["vip"])


def test_recipients_are_the_reachable_in_order() -> None:
    assert recipients(SNAPSHOT, EVERYONE, NOW, UTC, "simulator") == ["C001", "C003"]
    assert recipients(SNAPSHOT, EVERYONE, NOW, UTC, "sms") == []
    assert recipients(SNAPSHOT, rules("country", "=", "France"), NOW, UTC, "email") == ["C001"]


def test_preview_recipients_and_explain_agree_on_every_customer() -> None:
    tree = rules("total_spend", "<", 1000)
    matched = {each["customer_id"] for each in preview(SNAPSHOT, tree, NOW, UTC, "email").sample}

    for number in range(1, 7):
        verdict = explain(SNAPSHOT, tree, f"C{number:03}", NOW, UTC)
        assert verdict["matches"] == (f"C{number:03}" in matched)


def test_explain_shows_each_nodes_verdict_and_the_actual_value() -> None:
    shoes = {"combinator": "and", "rules": [{"field": "category", "operator": "=", "value": "shoes"}]}
    tree = {
        "combinator": "or",
        "not": True,
        "rules": [
            {"field": "total_spend", "operator": ">", "value": "2000.5"},
            {"field": "orders", "match": {"mode": "atLeast", "threshold": 2}, "value": shoes},
            {"combinator": "and", "rules": [{"field": "tags", "operator": "in", "value": "new"}]},
        ],
    }

    found = explain(SNAPSHOT, parse(tree), "C003", NOW, UTC)

    json.dumps(found)
    assert (found["customer_id"], found["name"], found["matches"]) == ("C003", "Ada", True)
    root = found["rules"]
    assert (root["verdict"], root["combinator"], root["not"]) == (True, "or", True)
    spend, bought, inner = root["rules"]
    assert spend == {
        "verdict": False,
        "text": "total spend is more than 2,000.5",
        "field": "total_spend",
        "operator": ">",
        "value": 2000.5,
        "actual": 1234.56,
    }
    assert (bought["verdict"], bought["actual"], bought["match"]) == (
        False,
        1,
        {"mode": "atLeast", "threshold": 2},
    )
    assert inner["rules"][0]["actual"] == ["vip"]


@pytest.mark.parametrize(
    ("field", "operator", "value", "shown", "actual"),
    [
        ("birthday", "<", "2000-01-01", "2000-01-01", "1990-05-17"),
        ("country", "=", "x", "x", None),
        ("visits", "between", "1,2", [1, 2], None),
        ("attributes.size", "=", "38", 38, None),
        (
            "last_order_at",
            ">",
            {"mode": "relative", "anchor": "now", "offset": "-3", "unit": "day"},
            {"mode": "relative", "anchor": "now", "offset": -3, "unit": "day"},
            None,
        ),
    ],
)
def test_explain_speaks_json(field: str, operator: str, value: Any, shown: Any, actual: Any) -> None:
    found = explain(SNAPSHOT, rules(field, operator, value), "C004", NOW, UTC)["rules"]["rules"][0]

    assert (found["value"], found["actual"]) == (shown, actual)


@pytest.mark.parametrize("customer_id", ["C000", "C007", "C999", ""])
def test_explain_of_somebody_who_is_not_there(customer_id: str) -> None:
    with pytest.raises(NotFound):
        explain(SNAPSHOT, EVERYONE, customer_id, NOW, UTC)


def test_search_finds_by_name_address_and_id_whatever_the_case() -> None:
    def ids(query: str | None, after: str | None = None, limit: int = 10) -> list[str]:
        return [each["customer_id"] for each in search_customers(SNAPSHOT, query, after, limit)]

    assert ids(None) == ids("") == ["C001", "C002", "C003", "C004", "C005", "C006"]
    assert ids("mIRA") == ["C001"]
    assert ids(" c5@EXAMPLE ") == ["C005"]
    assert ids("c00") == ["C001", "C002", "C003", "C004", "C005", "C006"]
    assert ids(".*") == []
    assert ids("example", limit=2) == ["C001", "C002"]
    assert ids("example", after="C002", limit=2) == ["C003", "C005"]


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


def test_every_offered_operator_is_one_that_rules_take() -> None:
    values = {"number": 3, "money": 3, "day": "2025-01-01", "instant": "2025-01-01", "flag": True}
    for field in fields(SNAPSHOT).values():
        for operator in field.get("operators", []):
            one = values.get(field["kind"], "x")
            pair = operator["name"] in ("in", "notIn", "between", "notBetween")
            assert rules(field["name"], operator["name"], [one, one] if pair else one)


def test_a_field_of_very_many_values_is_typed_in() -> None:
    crowd = [customer(number, country=f"Land {number}", tags=(f"t{number}",)) for number in range(201)]
    found = fields(snapshot_of(applied(empty(), encode(crowd, [])), NOW))

    assert (found["country"]["values"], found["tags"]["values"]) == ([], [])
    assert found["tags"]["valueEditorType"] == "text"


def test_the_catalogue_without_customers() -> None:
    assert "total_spend" in fields(snapshot_of(empty(), NOW))
