"""Preview and explain over HTTP."""

from typing import Any

import pytest

from crm.customers.customer_key import customer_key
from tests.functions.campaigns.conftest import Api, paths, person

pytestmark = pytest.mark.emulator

RULES: dict[str, Any] = {
    "combinator": "and",
    "rules": [{"field": "visits", "operator": ">", "value": 1}],
}


async def test_a_preview_counts_and_is_exact_after_each_write(api: Api) -> None:
    await api.store([person(1), person(2), person(3, consent=False), person(4, email=None)])
    answer = await api.post("/audience/preview", {"rules": RULES})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["matched"], found["reachable"], found["total"]) == (3, 1, 4)
    assert found["excluded"] == {"no_consent": 1, "no_address": 1}
    assert found["description"] == "more than 1 visit"
    assert found["as_of"].endswith("Z")
    shown = [(each["customer_id"], each["reason"]) for each in found["sample"]]
    assert shown == [("C-2", None), ("C-3", "no_consent"), ("C-4", "no_address")]

    await api.store([person(5)])
    found = (await api.post("/audience/preview", {"rules": RULES, "channel": "sms"}, "viewer")).json()
    assert (found["matched"], found["reachable"], found["sample"]) == (4, 0, [])


async def test_explain_says_why(api: Api) -> None:
    await api.store([person(1)])
    body = {"rules": RULES, "key": customer_key("C-1")}
    found = (await api.post("/audience/explain", body, "viewer")).json()
    assert found["matches"] is False
    assert found["rules"]["rules"][0]["actual"] == 1
    unknown = await api.post("/audience/explain", {**body, "key": customer_key("C-9")}, "viewer")
    assert unknown.status_code == 404


@pytest.mark.parametrize("path", ["/audience/preview", "/audience/explain"])
async def test_invalid_rules_are_refused_by_path(api: Api, path: str) -> None:
    extra = {"key": customer_key("C-1")} if path.endswith("explain") else {}
    unknown = {"combinator": "and", "rules": [{"field": "spend", "operator": ">", "value": 1}]}
    answer = await api.post(path, {"rules": unknown, **extra}, "viewer")
    assert answer.status_code == 422
    assert paths(answer) == ["rules.rules.0.field"]
    answer = await api.post(path, {"rules": {"combinator": "and", "rules": []}, **extra}, "viewer")
    assert paths(answer) == ["rules.rules"]


async def test_an_unknown_channel_is_refused(api: Api) -> None:
    answer = await api.post("/audience/preview", {"rules": RULES, "channel": "pigeon"}, "viewer")
    assert paths(answer) == ["channel"]
