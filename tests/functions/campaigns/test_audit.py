"""The audit log over HTTP."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from crm.access.members import member_id
from crm.customers.customer_key import customer_key
from tests.functions.campaigns.conftest import Api, paths, person

pytestmark = pytest.mark.emulator

RULES: dict[str, Any] = {"combinator": "and", "rules": [{"field": "visits", "operator": ">", "value": 1}]}

UNAUDITED = {
    ("POST", "/session/nonce"),
    ("POST", "/audience/preview"),
    ("POST", "/audience/explain"),
    ("POST", "/messages/preview"),
    ("POST", "/messages/previews"),
    ("POST", "/imports/columns"),
}
"""Routes that change nothing."""


async def events(api: Api, query: str = "") -> list[dict[str, Any]]:
    answer = await api.get(f"/audit{query}", "admin")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def summary(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(entry[name] for name in ("by", "action", "subject", "detail", "outcome"))


async def test_events_name_actor_action_and_subject_newest_first(api: Api) -> None:
    ana = (await api.post("/members", {"email": "ana@example.com", "role": "viewer"}, "admin")).json()["id"]
    await api.call("PUT", f"/members/{ana}", "admin", json={"role": "marketer"})
    segment = (await api.post("/segments", {"name": "Regulars", "rules": RULES})).json()["id"]
    await api.store([person(2)])
    await api.call("DELETE", "/customers/C-2", "admin")
    found = await events(api)
    assert list(map(summary, found)) == [
        ("admin@example.com", "customer.erase", customer_key("C-2"), "", "done"),
        ("marketer@example.com", "segment.create", segment, "Regulars", "done"),
        ("admin@example.com", "member.change", "ana@example.com", "marketer", "done"),
        ("admin@example.com", "member.add", "ana@example.com", "viewer", "done"),
    ]
    first = (await api.get("/audit?limit=3", "admin")).json()
    assert first["data"] + await events(api, f"?limit=3&cursor={first['next_cursor']}") == found
    assert paths(await api.get(f"/audit?cursor={'0' * 32}", "admin")) == ["cursor"]


async def test_a_refused_action_is_listed_with_its_reason(api: Api) -> None:
    assert (
        await api.call("DELETE", f"/members/{member_id('admin@example.com')}", "admin")
    ).status_code == 409
    (entry,) = await events(api)
    assert (entry["action"], entry["outcome"]) == ("member.remove", "refused")
    assert "last administrator" in entry["reason"]


async def test_only_administrators_read_it(api: Api) -> None:
    assert (await api.get("/audit", "marketer")).status_code == 403


async def test_the_end_of_a_session_is_listed_once(api: Api) -> None:
    for _ in range(2):
        assert (await api.call("DELETE", "/session", "viewer")).status_code == 204
    assert (await api.call("DELETE", "/session?everywhere=true", "marketer")).status_code == 204
    assert list(map(summary, await events(api))) == [
        ("marketer@example.com", "session.end", "marketer@example.com", "everywhere", "done"),
        ("viewer@example.com", "session.end", "viewer@example.com", "", "done"),
    ]


def test_every_route_that_changes_something_is_audited(function: Callable[[], ModuleType]) -> None:
    unaudited = {
        (method, str(each.path).removeprefix("/api/v1"))
        for each in iter_route_contexts(function().app.routes)
        for method in (each.methods or set()) - {"GET", "HEAD"}
        if each.endpoint is not None and "services.audited(" not in inspect.getsource(each.endpoint)
    }
    assert unaudited == UNAUDITED
