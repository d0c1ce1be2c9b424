"""An explanation has the verdict and the value at each node of the rules."""

import json
from datetime import UTC
from typing import Any

import pytest

from crm.audience.rules.parse import parse
from crm.audience.usecases.explain import explain
from crm.kernel.errors import NotFound
from tests.audience.sample import EVERYONE, NOW, SNAPSHOT, rules


def test_explain_shows_the_result_and_the_actual_value_of_each_node() -> None:
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
def test_explain_gives_json_values(field: str, operator: str, value: Any, shown: Any, actual: Any) -> None:
    found = explain(SNAPSHOT, rules(field, operator, value), "C004", NOW, UTC)["rules"]["rules"][0]

    assert (found["value"], found["actual"]) == (shown, actual)


@pytest.mark.parametrize("customer_id", ["C000", "C007", "C999", ""])
def test_explain_of_an_unknown_customer(customer_id: str) -> None:
    with pytest.raises(NotFound):
        explain(SNAPSHOT, EVERYONE, customer_id, NOW, UTC)
