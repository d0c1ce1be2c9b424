"""Rules in words for what outlives an erasure."""

from typing import Any

import pytest

from crm.audience.rules.describe import describe
from crm.audience.rules.parse import parse
from crm.audience.rules.withholding import WITHHELD, searches, withheld, withheld_tree

CANARY = "canary"


def words(*rules: dict[str, Any]) -> str:
    return describe(withheld(parse({"combinator": "and", "rules": list(rules)})))


@pytest.mark.parametrize("field", ["customer_id", "email", "phone", "name", "attributes.contract"])
@pytest.mark.parametrize("operator", ["=", "!=", "contains", "beginsWith", "in", "notIn"])
def test_values_that_may_name_a_person_are_left_out(field: str, operator: str) -> None:
    value = [CANARY, CANARY] if operator in ("in", "notIn") else CANARY
    rule = {"field": field, "operator": operator, "value": value}
    within = {"combinator": "or", "not": True, "rules": [rule]}
    for found in (words(rule), words(within)):
        assert CANARY not in found
        assert "…" in found
        assert "2 values" in found or operator not in ("in", "notIn")


@pytest.mark.parametrize("operator", ["=", "<", ">=", "between"])
def test_a_birthday_is_left_out(operator: str) -> None:
    value = ["1984-01-02", "1985-01-02"] if operator == "between" else "1984-01-02"
    assert "198" not in words({"field": "birthday", "operator": operator, "value": value})


def test_everything_else_is_said() -> None:
    visits = {"field": "visits", "operator": ">", "value": 3}
    tag = {"field": "tags", "operator": "contains", "value": "vip"}
    missing = {"field": "email", "operator": "null"}
    assert words(visits, tag, missing) == "more than 3 visits and has the tag “vip” and e-mail is missing"


def condition(field: Any, operator: str, *value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, **({"value": value[0]} if value else {})}


def test_rules_as_json_keep_only_what_names_nobody() -> None:
    hats = {"combinator": "and", "rules": [condition("category", "in", ["hats"])], "note": CANARY}
    orders = {"field": "orders", "match": {"mode": "atLeast", "threshold": 1}, "value": hats, "id": CANARY}
    nested = {"combinator": "or", "rules": [condition("name", "=", CANARY)], "label": CANARY}
    rules = [
        condition("visits", ">", 3),
        condition("email", "null"),
        condition("email", "in", [CANARY] * 3),
        condition("attributes.note", "contains", CANARY),
        orders,
        nested,
        condition("unheard_of", "=", CANARY),
        condition([CANARY], "=", CANARY) | {"field": 7},
        CANARY,
    ]
    shown = withheld_tree({"combinator": "and", "not": True, "rules": rules})
    assert CANARY not in str(shown)
    assert shown == {
        "combinator": "and",
        "not": True,
        "rules": [
            condition("visits", ">", 3),
            condition("email", "null"),
            condition("email", "in", WITHHELD),
            condition("attributes.note", "contains", WITHHELD),
            {
                "field": "orders",
                "match": {"mode": "atLeast", "threshold": 1},
                "value": {"combinator": "and", "rules": [condition("category", "in", ["hats"])]},
            },
            {"combinator": "or", "rules": [condition("name", "=", WITHHELD)]},
            condition("unheard_of", "=", WITHHELD),
            condition(7, "=", WITHHELD),
        ],
    }


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (condition("email", "beginsWith", "a"), "rules.rules.1.rules.0"),
        (condition("customer_id", "in", ["a"]), "rules.rules.1.rules.0"),
        (condition("attributes.note", "=", "a"), "rules.rules.1.rules.0"),
        (condition("attributes.number", "<", 5), "rules.rules.1.rules.0"),
        (condition("birthday", "=", "1984-01-02"), "rules.rules.1.rules.0"),
        (condition("city", "beginsWith", "a"), "rules.rules.1.rules.0"),
        (condition("city", "=", "Leeds"), None),
        (condition("email", "null"), None),
        (condition("attributes.note", "notNull"), None),
        (condition("tags", "contains", "vip"), None),
        (condition("days_to_birthday", "<=", 7), None),
    ],
)
def test_what_values_could_be_guessed_by_is_found_wherever_it_is(
    rule: dict[str, Any], path: str | None
) -> None:
    inner = {"combinator": "or", "not": True, "rules": [rule]}
    visits = condition("visits", ">", 3)
    found = searches(parse({"combinator": "and", "rules": [visits, inner]}))
    assert [at for at, _ in found] == ([] if path is None else [path])


def test_a_part_of_a_text_of_orders_is_found() -> None:
    part = {"combinator": "and", "rules": [condition("category", "beginsWith", "a")]}
    orders = {"field": "orders", "match": {"mode": "none"}, "value": part}
    found = searches(parse({"combinator": "and", "rules": [orders]}))
    assert [at for at, _ in found] == ["rules.rules.0.value.rules.0"]
