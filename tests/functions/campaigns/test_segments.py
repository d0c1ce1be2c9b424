"""Segments over HTTP."""

import json
from typing import Any

import pytest

from tests.functions.campaigns.conftest import Api, paths, person

pytestmark = pytest.mark.emulator

RULES: dict[str, Any] = {
    "combinator": "and",
    "rules": [{"field": "visits", "operator": ">", "value": 3, "id": "r-1"}],
}


async def test_a_segment_is_kept_described_changed_and_deleted(api: Api) -> None:
    created = await api.post("/segments", {"name": " Regulars ", "rules": RULES})
    assert created.status_code == 201
    segment = created.json()
    assert (segment["name"], segment["rules"], segment["version"]) == ("Regulars", RULES, 1)
    assert segment["description"] == "more than 3 visits"
    assert segment["created_at"].endswith("Z")
    path = f"/segments/{segment['id']}"
    assert (await api.get(path)).json() == segment

    rules = {"combinator": "and", "rules": [], "all": True}
    changed = await api.call("PUT", path, json={"name": "Everyone", "rules": rules})
    assert changed.status_code == 200
    assert (changed.json()["version"], changed.json()["description"]) == (2, "all customers")
    assert changed.json()["created_at"] == segment["created_at"]

    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    assert (await api.call("DELETE", path)).status_code == 204


async def test_of_two_tabs_the_second_gets_a_conflict(api: Api) -> None:
    segment = (await api.post("/segments", {"name": "A", "rules": RULES})).json()
    path = f"/segments/{segment['id']}"
    first = await api.call("PUT", path, json={"name": "B", "rules": RULES, "version": 1})
    second = await api.call("PUT", path, json={"name": "C", "rules": RULES, "version": 1})
    assert (first.status_code, second.status_code) == (200, 409)
    assert (await api.get(path)).json()["name"] == "B"


async def test_the_list_goes_on_where_it_stopped(api: Api) -> None:
    names = ["A", "B", "C"]
    for name in names:
        await api.post("/segments", {"name": name, "rules": RULES})
    first = (await api.get("/segments", params={"limit": 2})).json()
    second = (await api.get("/segments", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["name"] for each in first["data"] + second["data"]] == ["C", "B", "A"]
    assert second["next_cursor"] is None
    assert paths(await api.get("/segments", params={"cursor": "x"})) == ["cursor"]
    assert paths(await api.get("/segments", params={"limit": 0})) == ["limit"]


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (
            {"combinator": "and", "rules": [{"field": "spend", "operator": ">", "value": 1}]},
            "rules.rules.0.field",
        ),
        ({"combinator": "and", "rules": []}, "rules.rules"),
        ({"combinator": "and", "rules": [{"combinator": "or", "rules": []}]}, "rules.rules.0.rules"),
        ({"combinator": "and", "rules": [{"field": "visits", "operator": "~"}]}, "rules.rules.0.operator"),
        ({"combinator": "and", "rules": [{"field": "visits", "operator": ">"}]}, "rules.rules.0.value"),
        ({}, "rules.combinator"),
        ([], "rules"),
        (None, "rules"),
    ],
    ids=str,
)
async def test_invalid_rules_are_refused_by_path(api: Api, rules: Any, path: str) -> None:
    for method, where in (("POST", "/segments"), ("PUT", f"/segments/{'0' * 32}")):
        answer = await api.call(method, where, json={"name": "A", "rules": rules})
        assert answer.status_code == 422
        assert path in paths(answer)


@pytest.mark.parametrize("value", ["NaN", "1e999", "1" + "0" * 400, '"\\ud800"'])
async def test_values_that_cannot_be_stored_are_refused(api: Api, value: str) -> None:
    rule = {"field": "visits", "operator": "=", "value": "VALUE"}
    body = {"name": "A", "rules": {"combinator": "and", "rules": [rule]}}
    content = json.dumps(body).replace('"VALUE"', value)
    answer = await api.call(
        "POST", "/segments", content=content.encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert paths(answer) == ["rules.rules.0.value"]


async def test_a_tree_too_large_to_store_is_refused(api: Api) -> None:
    answer = await api.post("/segments", {"name": "A", "rules": {**RULES, "id": "x" * 1_000_000}})
    assert answer.status_code == 422
    assert paths(answer) == ["rules"]


async def test_the_catalogue_names_the_attributes_in_use(api: Api) -> None:
    await api.store([person(1, attributes={"loyalty": "gold"})])
    names = [field["name"] for field in (await api.get("/segments/fields")).json()["data"]]
    assert {"total_spend", "orders", "attributes.loyalty"} <= set(names)
