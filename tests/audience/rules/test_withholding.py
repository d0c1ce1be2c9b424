"""Rules in words for what outlives an erasure."""

from typing import Any

import pytest

from crm.audience.rules.describe import describe
from crm.audience.rules.parse import parse
from crm.audience.rules.withholding import withheld

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


@pytest.mark.parametrize("operator", ["=", "<", ">=", "between"])
def test_a_birthday_is_left_out(operator: str) -> None:
    value = ["1984-01-02", "1985-01-02"] if operator == "between" else "1984-01-02"
    assert "198" not in words({"field": "birthday", "operator": operator, "value": value})


def test_everything_else_is_said() -> None:
    visits = {"field": "visits", "operator": ">", "value": 3}
    tag = {"field": "tags", "operator": "contains", "value": "vip"}
    missing = {"field": "email", "operator": "null"}
    assert words(visits, tag, missing) == "more than 3 visits and has the tag “vip” and e-mail is missing"
