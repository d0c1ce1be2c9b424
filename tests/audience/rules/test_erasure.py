"""Ids of erased customers in stored rules."""

from typing import Any

import pytest

from crm.audience.rules.erasure import ERASED_ID, without_ids
from crm.audience.rules.parse import parse


@pytest.mark.parametrize(
    ("operator", "value", "left"),
    [
        ("=", "C-1", ERASED_ID),
        ("!=", " c-1 ", ERASED_ID),
        ("=", "C-10", "C-10"),
        ("in", ["C-1", "C-2", "C-3"], [ERASED_ID, "C-2"]),
        ("notIn", ["C-2"], ["C-2"]),
        ("contains", "C-1", "C-1"),
    ],
)
def test_an_id_of_somebody_erased_is_replaced_at_any_depth(operator: str, value: Any, left: Any) -> None:
    def rules(value: Any) -> dict[str, Any]:
        rule = {"field": "customer_id", "operator": operator, "value": value}
        email = {"field": "email", "operator": "=", "value": "C-1"}
        return {"combinator": "and", "rules": [email, {"combinator": "or", "not": True, "rules": [rule]}]}

    found = without_ids(rules(value), {"C-1", "C-3"})
    assert found == rules(left)
    assert parse(found)


def test_rules_without_ids_stay_as_they_are() -> None:
    rules = {"combinator": "and", "rules": [], "all": True}
    assert without_ids(rules, {"C-1"}) == rules
    assert without_ids({}, {"C-1"}) == {}
