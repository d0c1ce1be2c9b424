"""Members put customers on the do-not-send list, and take them off."""

import pytest

from crm.customers.customer_key import customer_key
from tests.functions.campaigns.conftest import Api, page_of, person

pytestmark = pytest.mark.emulator

EVERYONE = {"combinator": "and", "rules": [], "all": True}


async def reached(api: Api, channel: str) -> tuple[int, dict[str, int]]:
    found = (await api.post("/audience/preview", {"rules": EVERYONE, "channel": channel})).json()
    return found["reachable"], found["excluded"]


async def test_a_channel_is_put_on_the_list_and_taken_off_again(api: Api) -> None:
    await api.store([person(1, customer_id="shop/1"), person(2)])
    page = page_of("shop/1")
    path = f"{page}/suppressions"
    on = await api.call("PUT", path, json={"channel": "email", "suppressed": True})
    assert (on.status_code, on.json()) == (200, {"suppressions": {"email": "by_hand"}})
    assert await reached(api, "email") == (1, {"suppressed": 1})
    assert await reached(api, "simulator") == (2, {})
    shown = (await api.get(page)).json()["customer"]
    assert shown["suppressions"] == {"email": "by_hand"}
    assert (await api.call("PUT", path, json={"channel": "email", "suppressed": True})).json() == on.json()
    off = await api.call("PUT", path, json={"channel": "email", "suppressed": False})
    assert off.json() == {"suppressions": {}}
    assert await reached(api, "email") == (2, {})
    events = (await api.get("/audit", role="admin")).json()["data"]
    assert [
        (event["action"], event["subject"], event["detail"])
        for event in events
        if "customer" in event["action"]
    ] == [
        ("customer.allow", customer_key("shop/1"), "email"),
        ("customer.suppress", customer_key("shop/1"), "email"),
        ("customer.suppress", customer_key("shop/1"), "email"),
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"channel": "pigeon", "suppressed": True}, "channel"),
        ({"channel": "email"}, "suppressed"),
        ({"channel": "email", "suppressed": True, "why": "x"}, "why"),
    ],
)
async def test_invalid_input_is_named(api: Api, body: dict[str, object], path: str) -> None:
    await api.store([person(1)])
    answer = await api.call("PUT", f"{page_of('C-1')}/suppressions", json=body)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (422, [path])


async def test_an_unknown_customer_is_not_found(api: Api) -> None:
    answer = await api.call(
        "PUT", f"{page_of('C-1')}/suppressions", json={"channel": "email", "suppressed": True}
    )
    assert answer.status_code == 404
