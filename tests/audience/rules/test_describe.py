"""Rule trees in plain words."""

from typing import Any

import pytest

from crm.audience.rules.describe import describe
from crm.audience.rules.parse import parse


def rule(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(combinator: str, *rules: Any, negated: bool = False) -> dict[str, Any]:
    return {"combinator": combinator, "rules": list(rules), "not": negated}


def ago(offset: int, unit: str = "day") -> dict[str, Any]:
    return {"mode": "relative", "anchor": "now", "offset": offset, "unit": unit}


def orders(mode: str, threshold: int, *rules: Any) -> dict[str, Any]:
    return {"field": "orders", "match": {"mode": mode, "threshold": threshold}, "value": group("and", *rules)}


SPEND = rule("total_spend", ">", 1000)
FEW = rule("order_count", "<", 3)
OLD = rule("last_order_at", "<", "2011-09-10")


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"combinator": "and", "rules": [], "all": True}, "all customers"),
        (group("and", SPEND), "total spend is more than 1,000"),
        (group("and", SPEND, FEW), "total spend is more than 1,000 and fewer than 3 orders"),
        (
            group("or", group("and", SPEND, FEW), OLD),
            "total spend is more than 1,000 and fewer than 3 orders, or last order before 10 September 2011",
        ),
        (
            group("and", group("or", SPEND, FEW), OLD),
            "(total spend is more than 1,000 or fewer than 3 orders) and last order before 10 September 2011",
        ),
        (
            group("and", OLD, group("and", SPEND, FEW, negated=True)),
            "last order before 10 September 2011 "
            "and not (total spend is more than 1,000 and fewer than 3 orders)",
        ),
        (
            group("or", group("and", SPEND, group("or", FEW, OLD)), OLD),
            "total spend is more than 1,000 "
            "and (fewer than 3 orders or last order before 10 September 2011), "
            "or last order before 10 September 2011",
        ),
        (
            group("and", group("or", group("and", SPEND, FEW), OLD), SPEND),
            "((total spend is more than 1,000 and fewer than 3 orders) "
            "or last order before 10 September 2011) and total spend is more than 1,000",
        ),
        (
            group("or", SPEND, FEW, negated=True),
            "not (total spend is more than 1,000 or fewer than 3 orders)",
        ),
        (
            group(
                "and", orders("atLeast", 2, rule("category", "=", "shoes"), rule("placed_at", ">", ago(-30)))
            ),
            "at least 2 completed orders (category is “shoes” and placed in the past 30 days)",
        ),
        (
            group("and", orders("none", 1, rule("status", "=", "refunded"))),
            "no orders (status is “refunded”)",
        ),
        (
            group(
                "and",
                {
                    **orders("atLeast", 500, rule("category", "=", "shoes")),
                    "match": {"mode": "atLeast", "threshold": 500.5, "sum": "amount"},
                },
            ),
            "completed orders of at least 500.5 in total (category is “shoes”)",
        ),
        (
            group("and", orders("exactly", 1, rule("amount", ">", 5))),
            "exactly 1 completed order (amount is more than 5)",
        ),
    ],
)
def test_groups_and_order_conditions_in_words(tree: Any, words: str) -> None:
    assert describe(parse(tree)) == words


@pytest.mark.parametrize(
    ("field", "operator", "value", "words"),
    [
        ("order_count", "=", 1, "exactly 1 order"),
        ("visits", "between", [2, 5], "between 2 and 5 visits"),
        ("visits", "null", None, "visits is missing"),
        ("total_spend", "notBetween", ["0.5", 1000000], "total spend is not between 0.5 and 1,000,000"),
        ("country", "=", "France", "country is “France”"),
        ("country", "in", list("abcdefg"), "country is one of “a”, “b”, “c”, “d”, “e” and 2 more"),
        ("country", "notIn", "a,b", "country is none of “a”, “b”"),
        ("email", "doesNotContain", "x", "e-mail does not contain “x”"),
        ("tags", "contains", "vip", "has the tag “vip”"),
        ("tags", "doesNotContain", "vip", "does not have the tag “vip”"),
        ("tags", "notIn", "a,b", "has none of the tags “a”, “b”"),
        ("tags", "null", None, "has no tags"),
        ("consent", "=", True, "consent is yes"),
        ("days_to_birthday", "<=", 7, "birthday is within the next 7 days"),
        ("days_to_birthday", "<", 1, "birthday is in less than 1 day"),
        ("days_to_birthday", "=", 0, "birthday is today"),
        ("days_to_birthday", "=", 30, "birthday is in 30 days"),
        ("days_to_birthday", ">", 30, "days to birthday is more than 30"),
        ("birthday", "=", "1990-05-07", "birthday on 7 May 1990"),
        ("created_at", ">=", "2025-01-01T08:05", "customer since on or after 1 January 2025 08:05"),
        ("last_active_at", "<", ago(-90), "last active more than 90 days ago"),
        ("last_active_at", ">=", ago(-1, "month"), "last active in the past 1 month"),
        ("last_active_at", "=", ago(0), "last active today"),
        ("last_active_at", "=", ago(-7), "last active 7 days ago"),
        ("last_active_at", "<", ago(2, "week"), "last active before 2 weeks from now"),
        ("last_active_at", "between", [ago(-7), ago(0)], "last active between 7 days ago and now"),
        ("last_active_at", "notNull", None, "last active is known"),
        ("attributes.shoe_size", ">", "38", "shoe size is more than 38"),
        ("attributes.since", "<", "2025-01-01", "since before 1 January 2025"),
        ("attributes.renewal", ">=", ago(-30), "renewal on or after 30 days ago"),
        ("attributes.renewal", "<", ago(-30), "renewal more than 30 days ago"),
        ("attributes.tier", "=", "gold", "tier is “gold”"),
    ],
)
def test_conditions_in_words(field: str, operator: str, value: Any, words: str) -> None:
    assert describe(parse(group("and", rule(field, operator, value)))) == words
