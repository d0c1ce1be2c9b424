"""Which segments a customer is in, over HTTP."""

import json
from typing import Any

import pytest

from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api, page_of, person

pytestmark = pytest.mark.emulator


def visits_over(count: int) -> dict[str, Any]:
    return {"combinator": "and", "rules": [{"field": "visits", "operator": ">", "value": count}]}


async def test_each_segment_says_whether_it_contains_the_customer_and_why(api: Api) -> None:
    await api.store([person(5, customer_id="C/5")])
    for name, count in (("Frequent", 3), ("Very frequent", 9)):
        assert (await api.post("/segments", {"name": name, "rules": visits_over(count)})).status_code == 201
    found = (await api.get(f"{page_of('C/5')}/segments")).json()
    assert {each["name"]: each["matches"] for each in found["data"]} == {
        "Frequent": True,
        "Very frequent": False,
    }
    why = found["data"][0]["explanation"]["rules"][0]
    assert (why["verdict"], why["actual"]) == (False, 5)
    assert found["next_cursor"] is None


async def test_an_unknown_customer_is_not_found(api: Api) -> None:
    await api.post("/segments", {"name": "Frequent", "rules": visits_over(3)})
    assert (await api.get(f"{page_of('C-404')}/segments")).status_code == 404


async def test_no_segments_is_an_empty_list(api: Api) -> None:
    await api.store([person(1)])
    assert (await api.get(f"{page_of('C-1')}/segments")).json()["data"] == []


async def test_a_segment_whose_stored_rules_are_not_valid_any_more_says_so(api: Api) -> None:
    await api.store([person(1)])
    ids = [
        (await api.post("/segments", {"name": name, "rules": visits_over(0)})).json()["id"]
        for name in ("Fine", "Old")
    ]
    unknown_field = {"combinator": "and", "rules": [{"field": "shoe", "operator": "=", "value": 1}]}
    await client(api.project).document(f"segments/{ids[1]}").update({"rules": json.dumps(unknown_field)})

    answer = await api.get(f"{page_of('C-1')}/segments")

    assert answer.status_code == 200
    old, fine = answer.json()["data"]
    assert (old["name"], old["matches"], old["explanation"]) == ("Old", None, None)
    assert old["problem"].startswith("rules.rules.0.field: ")
    assert (fine["name"], fine["problem"]) == ("Fine", None)
    assert isinstance(fine["matches"], bool)
