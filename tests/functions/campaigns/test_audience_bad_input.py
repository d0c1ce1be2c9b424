"""What a preview answers to rules that are wrong, hostile or very large: a 422 by path, or who is right."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from crm.customers.customer import Customer
from tests.functions.campaigns.conftest import Api, order, paths, person

pytestmark = pytest.mark.emulator

AGO = {"mode": "relative", "anchor": "now", "offset": -90, "unit": "day"}
AMOUNT = {"field": "amount", "operator": ">", "value": 1}


def rule(field: Any, operator: Any, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def orders(match: Any, *rules: Any) -> dict[str, Any]:
    return {"field": "orders", "match": match, "value": {"combinator": "and", "rules": list(rules)}}


def nested(node: Any, times: int) -> Any:
    return node if times == 0 else {"combinator": "and", "rules": [nested(node, times - 1)]}


WRONG: Mapping[str, tuple[Any, str]] = {
    "unknown field": (rule("shoe_size", "=", 1), "field"),
    "unknown field of an order": (
        orders({"mode": "none"}, rule("visits", ">", 1)),
        "value.rules.0.field",
    ),
    "unknown operator": (rule("visits", "~", 1), "operator"),
    "operator for text on a number": (rule("visits", "contains", "1"), "operator"),
    "operator for numbers on text": (rule("city", ">", "A"), "operator"),
    "operator for one value on tags": (rule("tags", "=", "vip"), "operator"),
    "text for a number": (rule("visits", ">", "many"), "value"),
    "a list for one value": (rule("visits", ">", [1, 2]), "value"),
    "one value for a list": (rule("city", "in", 5), "value"),
    "one value for two": (rule("visits", "between", [1]), "value"),
    "an object for text": (rule("city", "=", {"$ne": 1}), "value"),
    "a value that is missing": (rule("visits", ">"), "value"),
    "an empty rule": ({}, "field"),
    "an empty group": ({"combinator": "or", "rules": []}, "rules"),
    "everyone where it is not the whole": ({"combinator": "and", "rules": [], "all": True}, "all"),
    "a threshold of 0": (orders({"mode": "atLeast", "threshold": 0}, AMOUNT), "match.threshold"),
    "a negative threshold": (orders({"mode": "atMost", "threshold": -1}, AMOUNT), "match.threshold"),
    "half a threshold": (orders({"mode": "exactly", "threshold": 1.5}, AMOUNT), "match.threshold"),
    "a sum of at least 0": (
        orders({"mode": "atLeast", "threshold": 0, "sum": "amount"}, AMOUNT),
        "match.threshold",
    ),
    "orders without conditions": (orders({"mode": "atLeast", "threshold": 1}), "value.rules"),
    "numbers the wrong way round": (rule("visits", "between", [5, 1]), "value"),
    "dates the wrong way round": (rule("created_at", "between", ["2026-02-01", "2026-01-01"]), "value"),
    "relative times the wrong way round": (
        rule("created_at", "between", [AGO, {**AGO, "offset": -91}]),
        "value",
    ),
    "the 30th of February": (rule("created_at", "<", "2026-02-30"), "value"),
    "the 29th of February of no leap year": (rule("birthday", "=", "2026-02-29"), "value"),
    "a 13th month": (rule("last_order_at", ">", "2026-13-01"), "value"),
    "hour 25": (rule("last_order_at", ">", "2026-01-01T25:00"), "value"),
    "a unit that no calendar has": (rule("created_at", "<", {**AGO, "unit": "moon"}), "value.unit"),
    "an offset out of all time": (rule("created_at", "<", {**AGO, "offset": -(10**9)}), "value.offset"),
    "more values than a list may have": (rule("visits", "in", list(range(10_001))), "value"),
    "too long a text": (rule("email", "contains", "x" * 501), "value"),
    "groups too deep": (nested(rule("visits", ">", 1), 5), "rules.0.rules.0.rules.0.rules.0"),
}
"""The fault as it stands in an outermost group, and its path there."""


async def test_a_fault_is_refused_by_its_path(api: Api) -> None:
    await api.store([person(1)])
    for name, (node, path) in WRONG.items():
        tree = {"combinator": "and", "rules": [node]}
        for call, more in (("preview", {}), ("explain", {"key": "0" * 32})):
            answer = await api.post(f"/audience/{call}", {"rules": tree, **more})
            assert answer.status_code == 422, name
            assert paths(answer) == [f"rules.rules.0.{path}"], name


async def test_too_many_rules_and_malformed_trees_are_refused(api: Api) -> None:
    many = {"combinator": "and", "rules": [rule("visits", ">", 1)] * 101}
    trees: list[Any] = [many, {}, {"rules": []}, {"combinator": "and"}]
    for tree in trees:
        answer = await api.post("/audience/preview", {"rules": tree})
        assert answer.status_code == 422
        assert all(path.startswith("rules") for path in paths(answer))
    bodies: list[Any] = [[], None, {"rules": None}, {"rules": "everyone"}, {"rules": [1]}]
    for body in bodies:
        assert (await api.post("/audience/preview", body)).status_code == 422


@pytest.mark.parametrize("depth", [40, 30_000])
async def test_a_body_without_end_is_refused(api: Api, depth: int) -> None:
    tree = '{"combinator":"and","rules":[' * depth + "]}" * depth
    headers = {"Content-Type": "application/json"}
    answer = await api.call("POST", "/audience/preview", content=f'{{"rules":{tree}}}', headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["status"] == answer.status_code


def people() -> list[Customer]:
    odd = ["a.b+c@example.com", "a*b@example.com", "[x](y)|z$^\\@example.com", "%_@example.com"]
    names = ["Straße", "ΣΊΣΥΦΟΣ", "İpek", "日本", "👩‍👩‍👧", "O'Hara -- ; DROP", "{{ name }}"]
    return [
        *(person(number, email=each, name="Plain") for number, each in enumerate(odd)),
        *(person(10 + number, email=None, name=each) for number, each in enumerate(names)),
    ]


RIGHT: Mapping[str, tuple[Any, list[int]]] = {
    "a dot": (rule("email", "contains", "a.b"), [0]),
    "a star": (rule("email", "contains", "a*b"), [1]),
    "everything of a regular expression": (rule("email", "contains", "[x](y)|z$^\\"), [2]),
    ".* is no pattern": (rule("email", "contains", ".*"), []),
    "SQL's wildcards": (rule("email", "beginsWith", "%_"), [3]),
    "^ is no anchor": (rule("name", "beginsWith", "^Plain"), []),
    "$ is no anchor": (rule("name", "endsWith", "Plain$"), []),
    "sharp s": (rule("name", "contains", "STRAßE"), [10]),
    "a final sigma": (rule("name", "contains", "Σίσυ"), [11]),
    "Japanese": (rule("name", "contains", "本"), [13]),
    "a family in one sign": (rule("name", "contains", "👧"), [14]),
    "SQL": (rule("name", "contains", "' -- ; drop"), []),
    "SQL as it stands": (rule("name", "contains", "o'hara -- ; drop"), [15]),
    "a template": (rule("name", "=", "{{ name }}"), [16]),
    "text exactly, with its case": (rule("name", "=", "straße"), []),
    "10,000 numbers": (rule("visits", "in", [*range(100, 10_098), 0, 16]), [0, 16]),
    "10,000 texts": (rule("name", "in", [*(f"Name {n}" for n in range(9_999)), "日本"]), [13]),
    "none of 10,000 texts": (
        rule("name", "notIn", [*(f"Name {n}" for n in range(9_999)), "Plain"]),
        [10, 11, 12, 13, 14, 15, 16],
    ),
    "orders by a category that is a pattern": (
        orders({"mode": "atLeast", "threshold": 1}, rule("category", "contains", ".*")),
        [1],
    ),
}


async def test_dangerous_looking_text_is_taken_literally(api: Api) -> None:
    odd = [order(0, "C-0"), order(1, "C-1", category="all .* shoes")]
    await api.store(people(), odd)
    for name, (node, expected) in RIGHT.items():
        answer = await api.post("/audience/preview", {"rules": {"combinator": "and", "rules": [node]}})
        assert answer.status_code == 200, (name, answer.text)
        found = answer.json()
        ids = {f"C-{number}" for number in expected}
        assert found["matched"] == len(ids), (name, json.dumps(node)[:200])
        assert {each["customer_id"] for each in found["sample"]} == ids, name
