"""Rule trees as they are read: what is accepted, and what is refused by which path."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm.audience.rules.fields import CUSTOMER_FIELDS, OPERATORS, ORDER_FIELDS
from crm.audience.rules.parse import parse
from crm.audience.rules.tree import Condition, Group, OrderCondition
from crm.audience.rules.values import UntypedLiteral
from crm.kernel.errors import Invalid
from crm.kernel.moments import Relative

AGO = {"mode": "relative", "anchor": "now", "offset": -90, "unit": "day"}


def rule(field: Any, operator: Any, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(*rules: Any, combinator: Any = "and", **more: Any) -> dict[str, Any]:
    return {"combinator": combinator, "rules": list(rules), **more}


def orders(*rules: Any, mode: Any = "atLeast", threshold: Any = 2) -> dict[str, Any]:
    return {"field": "orders", "match": {"mode": mode, "threshold": threshold}, "value": group(*rules)}


def faults(tree: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parse(tree)
    return {each.path: each.message for each in refused.value.errors}


def value_of(field: str, operator: str, value: Any) -> Any:
    node = parse(group(rule(field, operator, value))).nodes[0]
    assert isinstance(node, Condition)
    return node.value


VISITS = rule("visits", ">", 3)


def test_a_tree_becomes_nodes() -> None:
    tree = group(VISITS, group(rule("country", "in", ["France", "Spain"]), combinator="or", **{"not": True}))

    assert parse(tree) == Group(
        "and",
        (
            Condition(CUSTOMER_FIELDS["visits"], ">", Decimal(3)),
            Group("or", (Condition(CUSTOMER_FIELDS["country"], "in", ("France", "Spain")),), negated=True),
        ),
    )


def test_unknown_keys_of_a_rule_builder_are_ignored() -> None:
    extras = {"id": "r-1", "path": [0], "valueSource": "value", "disabled": False}

    assert parse(group({**VISITS, **extras}, id="g", path=[], disabled=False)) == parse(group(VISITS))


def test_empty_rules_need_an_explicit_everyone() -> None:
    assert parse(group(all=True)) == Group("and", ())
    assert "rules.rules" in faults(group())
    assert "rules.rules" in faults(group(all=False))
    assert "rules.rules.1.rules" in faults(group(VISITS, group()))
    assert "rules.rules.0.all" in faults(group(group(all=True)))
    assert "rules.all" in faults(group(VISITS, all=True))
    assert "rules.all" in faults(group(all="true"))
    assert "rules.all" in faults(group(all=True, **{"not": True}))


@pytest.mark.parametrize("tree", [None, [], "", 5, True, "everyone", [VISITS]])
def test_a_tree_that_is_no_group_is_refused(tree: Any) -> None:
    assert list(faults(tree)) == ["rules"]


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"rules": [VISITS]}, "rules.combinator"),
        (group(VISITS, combinator="xor"), "rules.combinator"),
        (group(VISITS, combinator=["and"]), "rules.combinator"),
        (group(VISITS, **{"not": "yes"}), "rules.not"),
        ({"combinator": "and"}, "rules.rules"),
        ({"combinator": "and", "rules": {"0": VISITS}}, "rules.rules"),
        (group("and"), "rules.rules.0"),
        (group(VISITS, "and", VISITS), "rules.rules.1"),
        (group({}), "rules.rules.0.field"),
        (group(rule("", ">", 3)), "rules.rules.0.field"),
        (group(rule("~", ">", 3)), "rules.rules.0.field"),
        (group(rule(["visits"], ">", 3)), "rules.rules.0.field"),
        (group(rule("shoe_size", ">", 3)), "rules.rules.0.field"),
        (group(rule("attributes.", ">", 3)), "rules.rules.0.field"),
        (group(rule("attributes.shoe size", ">", 3)), "rules.rules.0.field"),
        (group(rule("__class__", ">", 3)), "rules.rules.0.field"),
        (group(rule("\ud800", ">", 3)), "rules.rules.0.field"),
        (group({"field": "visits", "value": 3}), "rules.rules.0.operator"),
        (group(rule("visits", "", 3)), "rules.rules.0.operator"),
        (group(rule("visits", "~", 3)), "rules.rules.0.operator"),
        (group(rule("visits", ["="], 3)), "rules.rules.0.operator"),
        (group(rule("visits", "doesNotBeginWith", 3)), "rules.rules.0.operator"),
        (group(rule("visits", "contains", "3")), "rules.rules.0.operator"),
        (group(rule("country", ">", "A")), "rules.rules.0.operator"),
        (group(rule("tags", "=", "vip")), "rules.rules.0.operator"),
        (group(rule("consent", "in", [True])), "rules.rules.0.operator"),
        (group(rule("birthday", "contains", "05")), "rules.rules.0.operator"),
        (group({**VISITS, "valueSource": "field"}), "rules.rules.0.valueSource"),
        (group({**VISITS, "muted": True}), "rules.rules.0.muted"),
        (group(VISITS, group(rule("visits", "~", 3)), VISITS), "rules.rules.1.rules.0.operator"),
    ],
)
def test_an_unknown_or_incomplete_rule_is_refused(tree: Any, path: str) -> None:
    assert list(faults(tree)) == [path]


@pytest.mark.parametrize(
    ("field", "operator", "value", "path"),
    [
        ("visits", ">", None, "value"),
        ("visits", ">", "", "value"),
        ("visits", ">", "many", "value"),
        ("visits", ">", "1_000", "value"),
        ("visits", ">", "٣", "value"),
        ("visits", ">", True, "value"),
        ("visits", ">", [3], "value"),
        ("visits", ">", {"n": 3}, "value"),
        ("visits", ">", float("nan"), "value"),
        ("visits", ">", "NaN", "value"),
        ("visits", ">", float("inf"), "value"),
        ("visits", ">", 10**400, "value"),
        ("visits", ">", "1e400", "value"),
        ("visits", ">", "9" * 10_000, "value"),
        ("total_spend", ">", 10**15, "value"),
        ("visits", "between", 3, "value"),
        ("visits", "between", [3], "value"),
        ("visits", "between", [1, 2, 3], "value"),
        ("visits", "between", "1", "value"),
        ("visits", "between", [5, 1], "value"),
        ("visits", "between", "5,1", "value"),
        ("visits", "between", [1, "many"], "value.1"),
        ("visits", "between", ["", 2], "value.0"),
        ("visits", "in", [], "value"),
        ("visits", "in", ",", "value"),
        ("visits", "in", 3, "value"),
        ("visits", "in", [1, None], "value.1"),
        ("visits", "in", list(range(10_001)), "value"),
        ("country", "=", 5, "value"),
        ("country", "=", ["France"], "value"),
        ("country", "=", "x" * 501, "value"),
        ("country", "=", "\ud800", "value"),
        ("country", "contains", "", "value"),
        ("country", "in", ["France", 5], "value.1"),
        ("tags", "contains", ["vip"], "value"),
        ("consent", "=", "yes", "value"),
        ("consent", "=", 1, "value"),
        ("last_order_at", "<", "2025-02-30", "value"),
        ("last_order_at", "<", "2025-13-01", "value"),
        ("last_order_at", "<", "2025-2-3", "value"),
        ("last_order_at", "<", "20250203", "value"),
        ("last_order_at", "<", "2025-W01-1", "value"),
        ("last_order_at", "<", "0001-01-01", "value"),
        ("last_order_at", "<", "9999-12-31", "value"),
        ("last_order_at", "<", "2025-02-03T25:00", "value"),
        ("last_order_at", "<", "soon", "value"),
        ("last_order_at", "<", 20250203, "value"),
        ("last_order_at", "<", ["2025-02-03"], "value"),
        ("last_order_at", "between", ["2025-02-03", "2025-02-02"], "value"),
        ("last_order_at", "between", [AGO, {**AGO, "offset": -91}], "value"),
        ("last_order_at", "<", {}, "value.mode"),
        ("last_order_at", "<", {**AGO, "mode": "absolute"}, "value.mode"),
        ("last_order_at", "<", {**AGO, "anchor": "birth"}, "value.anchor"),
        ("last_order_at", "<", {**AGO, "unit": "fortnight"}, "value.unit"),
        ("last_order_at", "<", {**AGO, "unit": ["day"]}, "value.unit"),
        ("last_order_at", "<", {**AGO, "offset": None}, "value.offset"),
        ("last_order_at", "<", {**AGO, "offset": 1.5}, "value.offset"),
        ("last_order_at", "<", {**AGO, "offset": True}, "value.offset"),
        ("last_order_at", "<", {**AGO, "offset": 10**9}, "value.offset"),
        ("last_order_at", "between", ["2025-02-03", {**AGO, "unit": ""}], "value.1.unit"),
        ("attributes.size", ">", "large", "value"),
        ("attributes.size", "between", ["2025-01-01", 5], "value"),
        ("attributes.size", "between", [5, 1], "value"),
        ("attributes.size", "contains", 5, "value"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(field: str, operator: str, value: Any, path: str) -> None:
    found = faults(group(rule(field, operator, value)))

    assert list(found) == [f"rules.rules.0.{path}"]
    json.dumps(found, ensure_ascii=False).encode()  # half a character must not come back in the message


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("visits", "=", 3, Decimal(3)),
        ("visits", "=", "1000", Decimal(1000)),
        ("visits", "=", " 12.5 ", Decimal("12.5")),
        ("total_spend", "=", 0.1, Decimal("0.1")),
        ("visits", "between", [1, "5"], (Decimal(1), Decimal(5))),
        ("visits", "between", "1, 5", (Decimal(1), Decimal(5))),
        ("visits", "notBetween", [5, 5], (Decimal(5), Decimal(5))),
        ("country", "in", "France, Spain", ("France", "Spain")),
        ("country", "in", ["France, Republic"], ("France, Republic",)),
        ("visits", "notIn", "1,2", (Decimal(1), Decimal(2))),
        ("consent", "=", "false", False),
        ("consents.sms", "!=", True, True),
        ("birthday", "=", "1990-05-17", date(1990, 5, 17)),
        ("created_at", "<", "2025-02-03T04:05:06Z", datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("created_at", "<", "2025-02-03T04:05", datetime(2025, 2, 3, 4, 5)),
        ("created_at", "<", AGO, Relative(-90, "day")),
        ("created_at", "<", {**AGO, "offset": "-3", "unit": "month"}, Relative(-3, "month")),
        ("created_at", "null", None, None),
        ("created_at", "notNull", "left over", None),
        ("attributes.size", "=", 38, UntypedLiteral(number=Decimal(38))),
        ("attributes.size", "=", "38", UntypedLiteral("38", Decimal(38))),
        ("attributes.since", "<", "2025-02-03", UntypedLiteral("2025-02-03", moment=date(2025, 2, 3))),
        ("attributes.gold", "=", "true", UntypedLiteral("true", flag=True)),
    ],
)
def test_values_are_accepted_in_the_notations_of_people_and_widgets(
    field: str, operator: str, value: Any, expected: Any
) -> None:
    assert value_of(field, operator, value) == expected


def test_a_rule_about_orders() -> None:
    node = parse(group(orders(rule("amount", ">", 100), threshold="2"))).nodes[0]

    assert isinstance(node, OrderCondition)
    assert (node.mode, node.threshold, len(node.where.nodes)) == ("atLeast", Decimal(2), 1)
    assert parse(group(orders(rule("amount", ">", 100), mode="none", threshold=None)))


AMOUNT = rule("amount", ">", 100)


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (orders(AMOUNT, threshold=0), "match.threshold"),
        (orders(AMOUNT, threshold=-1), "match.threshold"),
        (orders(AMOUNT, threshold=1.5), "match.threshold"),
        (orders(AMOUNT, threshold=None), "match.threshold"),
        (orders(AMOUNT, threshold=True), "match.threshold"),
        (orders(AMOUNT, threshold="x"), "match.threshold"),
        (orders(AMOUNT, mode="most"), "match.mode"),
        (orders(AMOUNT, mode=["none"]), "match.mode"),
        ({"field": "orders", "value": group(AMOUNT)}, "match"),
        ({"field": "orders", "match": "atLeast", "value": group(AMOUNT)}, "match"),
        (orders(), "value.rules"),
        ({**orders(AMOUNT), "value": None}, "value"),
        ({**orders(AMOUNT), "value": 5}, "value"),
        (orders(VISITS), "value.rules.0.field"),
        (orders(orders(AMOUNT)), "value.rules.0.field"),
        (orders(rule("attributes.size", "=", 5)), "value.rules.0.field"),
        (orders(rule("status", "=", "done")), "value.rules.0.value"),
        (orders(rule("status", "contains", "done")), "value.rules.0.operator"),
        (orders(group()), "value.rules.0.rules"),
    ],
)
def test_an_invalid_rule_about_orders_is_refused(node: Any, path: str) -> None:
    assert list(faults(group(node))) == [f"rules.rules.0.{path}"]


def test_one_error_lists_every_fault() -> None:
    tree = group(
        rule("nope", "=", 1), VISITS, rule("visits", ">", "x"), orders(rule("no", "=", 1), threshold=0)
    )

    assert list(faults(tree)) == [
        "rules.rules.0.field",
        "rules.rules.2.value",
        "rules.rules.3.match.threshold",
        "rules.rules.3.value.rules.0.field",
    ]


def nested(depth: int) -> Any:
    return VISITS if depth == 0 else group(nested(depth - 1))


def test_depth_is_limited() -> None:
    assert parse(nested(5))
    assert faults(nested(6)) == {
        "rules.rules.0.rules.0.rules.0.rules.0.rules.0": "is nested deeper than 5 groups"
    }
    assert faults(nested(900))


def test_the_number_of_rules_is_limited() -> None:
    assert parse(group(*[VISITS] * 100))
    assert list(faults(group(*[VISITS] * 101))) == ["rules"]
    assert list(faults(group(*[group(*[VISITS] * 51)] * 2))) == ["rules"]
    assert list(faults(group(*[orders(AMOUNT)] * 51))) == ["rules"]
    assert list(faults(group(*[rule("nope", "=", 1)] * 100_000))) == ["rules"]


def test_faults_may_have_another_root_than_rules() -> None:
    with pytest.raises(Invalid) as refused:
        parse(group(), path="segment.rules")

    assert refused.value.errors[0].path == "segment.rules.rules"


def test_each_field_takes_each_of_its_operators() -> None:
    values = {"number": 3, "money": 3, "day": "2025-01-01", "instant": "2025-01-01", "flag": True}
    for field in CUSTOMER_FIELDS.values():
        for operator in OPERATORS[field.kind]:
            one = values.get(field.kind, "x")
            value = [one, one] if operator in ("in", "notIn", "between", "notBetween") else one
            assert parse(group(rule(field.name, operator, value)))


@pytest.mark.parametrize(
    ("match", "path"),
    [
        ({"mode": "atLeast", "threshold": 0, "sum": "amount"}, "match.threshold"),
        ({"mode": "atMost", "threshold": -5, "sum": "amount"}, "match.threshold"),
        ({"mode": "atLeast", "threshold": "much", "sum": "amount"}, "match.threshold"),
        ({"mode": "atLeast", "sum": "amount"}, "match.threshold"),
        ({"mode": "none", "sum": "amount"}, "match.mode"),
        ({"mode": "atLeast", "threshold": 5, "sum": "placed_at"}, "match.sum"),
        ({"mode": "atLeast", "threshold": 5, "sum": ["amount"]}, "match.sum"),
    ],
)
def test_an_invalid_sum_is_refused(match: Any, path: str) -> None:
    rule_of_orders = {**orders(AMOUNT), "match": match}

    assert list(faults(group(rule_of_orders))) == [f"rules.rules.0.{path}"]


def test_a_sum_of_amounts() -> None:
    node = parse(
        group({**orders(AMOUNT), "match": {"mode": "atLeast", "threshold": "12.5", "sum": "amount"}})
    )

    assert [(each.threshold, each.amount) for each in node.nodes if isinstance(each, OrderCondition)] == [
        (Decimal("12.5"), True)
    ]


def test_the_rule_builder_offers_order_fields_by_use_with_the_status_last() -> None:
    assert list(ORDER_FIELDS) == ["placed_at", "amount", "category", "status"]


@pytest.mark.parametrize(
    ("operator", "typed", "meant"),
    [
        ("=", "Ann\u200b Lee\n", "Ann Lee"),
        ("in", ["\ufeffAnn", "Bo\u00ad"], ("Ann", "Bo")),
        ("contains", "\u2060 Lee", " Lee"),
        ("endsWith", "Ann\t", "Ann "),
        ("contains", " ", " "),
    ],
)
def test_texts_are_read_as_those_of_customers_are_stored(operator: str, typed: Any, meant: Any) -> None:
    assert value_of("name", operator, typed) == meant


def test_a_text_of_nothing_visible_is_missing() -> None:
    assert faults(group(rule("name", "=", "\u200b\n"))) == faults(group(rule("name", "=", "")))
