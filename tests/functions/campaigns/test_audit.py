"""The audit log over HTTP."""

import csv
import inspect
import io
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from crm.access.members import member_id
from crm.access.route_rules import RULES_OF
from crm.customers.customer_key import customer_key
from tests.functions.campaigns.conftest import Api, page_of, paths, person
from tests.support import load_function

pytestmark = pytest.mark.emulator

RULES: dict[str, Any] = {"combinator": "and", "rules": [{"field": "visits", "operator": ">", "value": 1}]}

UNAUDITED = {
    "POST /session/nonce": "hands out a random number; what is done with it is",
    "POST /customers/search": "reads",
    "POST /segments/{id}/changes": "reads",
    "POST /audience/preview": "reads",
    "POST /audience/explain": "reads",
    "POST /messages/preview": "reads",
    "POST /messages/previews": "reads",
    "POST /imports/columns": "reads the file that it is sent, and stores nothing of it",
}
"""Writes and files of people that are not in the audit log, and why not."""


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
    await api.call("DELETE", page_of("C-2"), "admin")
    found = await events(api)
    assert list(map(summary, found)) == [
        ("admin@example.com", "customer.erase", customer_key("C-2"), "", "done"),
        ("marketer@example.com", "segment.create", segment, "Regulars", "done"),
        ("admin@example.com", "member.change", "ana@example.com", "", "done"),
        ("admin@example.com", "member.add", "ana@example.com", "", "done"),
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


def audited_routes(function: str) -> set[str]:
    """The routes of a function whose code runs an audited action."""
    return {
        f"{method} {str(each.path).removeprefix('/api/v1').replace(':path}', '}')}"
        for each in iter_route_contexts(load_function(function).app.routes)
        for method in each.methods or ()
        if each.endpoint is not None and "audited(" in inspect.getsource(each.endpoint)
    }


def test_every_write_sign_in_and_export_is_audited(function: Callable[[], ModuleType]) -> None:
    """By the table that the functions enforce, of all routes that are for people."""
    function()  # with the settings that both functions need
    people = {
        route.replace(" /api/v1", " ").replace(":path}", "}"): rule
        for name in ("campaigns", "summarize")
        for route, rule in RULES_OF[name].items()
        if rule.is_from_our_pages
    }
    wanted = {
        route
        for route, rule in people.items()
        if not route.startswith("GET ") or rule.rate == "exports" or route.endswith(".csv")
    }
    audited = audited_routes("campaigns") | audited_routes("summarize")
    assert wanted - audited == set(UNAUDITED)
    assert audited <= wanted


async def changed(api: Api, action: str) -> dict[str, tuple[str | None, str | None]]:
    """The changes of the newest event of the action."""
    (entry, *_) = await events(api, f"?action={action}")
    return {each["field"]: (each["before"], each["after"]) for each in entry["changes"]}


async def test_events_say_what_changed_of_members_keys_segments_and_campaigns(api: Api) -> None:
    ana = (await api.post("/members", {"email": "ana@example.com", "role": "viewer"}, "admin")).json()["id"]
    await api.call("PUT", f"/members/{ana}", "admin", json={"role": "marketer"})
    await api.call("DELETE", f"/members/{ana}", "admin")
    assert await changed(api, "member.add") == {"role": (None, "viewer")}
    assert await changed(api, "member.change") == {"role": ("viewer", "marketer")}
    assert await changed(api, "member.remove") == {"role": ("marketer", None)}

    await api.post("/keys", {"name": "Shop", "scopes": ["ingest:orders"]}, "admin")
    assert await changed(api, "key.create") == {"name": (None, "Shop"), "scopes": (None, "ingest:orders")}

    segment = (await api.post("/segments", {"name": "Regulars", "rules": RULES})).json()["id"]
    other = {**RULES, "rules": [{"field": "email", "operator": "=", "value": "ann@example.com"}]}
    await api.call("PUT", f"/segments/{segment}", json={"name": "Regulars", "rules": other})
    assert await changed(api, "segment.change") == {
        "rules": ("more than 1 visit", "e-mail is “…”"),
    }
    await api.call("DELETE", f"/segments/{segment}")
    assert await changed(api, "segment.delete") == {
        "name": ("Regulars", None),
        "rules": ("e-mail is “…”", None),
    }

    draft = {"name": "Hello", "rules": RULES, "message": {"body": "Hi"}, "rate": 600}
    campaign = (await api.post("/campaigns", draft)).json()["id"]
    await api.call("PUT", f"/campaigns/{campaign}", json={**draft, "message": {"body": "Ho"}, "rate": None})
    assert await changed(api, "campaign.change") == {"body": ("Hi", "Ho"), "rate": ("600", None)}
    assert (await changed(api, "campaign.create"))["rules"] == (None, "more than 1 visit")


async def test_a_suppression_says_before_and_after_and_nothing_of_the_person(api: Api) -> None:
    await api.store([person(2)])
    for suppressed in (True, False):
        body = {"channel": "email", "suppressed": suppressed}
        assert (
            await api.call("PUT", f"/customers/{customer_key('C-2')}/suppressions", json=body)
        ).status_code == 200
    assert await changed(api, "customer.suppress") == {"email": (None, "by_hand")}
    assert await changed(api, "customer.allow") == {"email": ("by_hand", None)}
    text = (await api.get("/audit.csv", "admin")).text
    assert customer_key("C-2") in text
    assert "C-2" not in text
    assert "c2@example.com" not in text


async def test_events_say_from_where_coarsely(api: Api) -> None:
    headers = {"X-Forwarded-For": "9.9.9.9, 203.0.113.77", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/1"}
    await api.call("POST", "/segments", json={"name": "Regulars", "rules": RULES}, headers=headers)
    (entry,) = await events(api)
    assert (entry["network"], entry["agent"]) == ("203.0.113.0/24", "Firefox on Linux")


async def test_events_are_filtered_by_action_actor_and_time(api: Api) -> None:
    for number in range(3):
        await api.post("/segments", {"name": f"Segment {number}", "rules": RULES})
    await api.post("/members", {"email": "ana@example.com", "role": "viewer"}, "admin")
    every = await events(api)
    admin = member_id("admin@example.com")
    assert [each["actor_id"] for each in every] == [admin, *[member_id("marketer@example.com")] * 3]
    assert await events(api, f"?actor={admin}") == every[:1]
    assert await events(api, "?action=segment.create") == every[1:]
    assert await events(api, f"?action=segment.create&actor={admin}") == []
    assert await events(api, f"?since={every[2]['at']}&until={every[0]['at']}") == every[1:3]
    first = (await api.get("/audit?limit=2&action=segment.create", "admin")).json()
    assert first["data"] == every[1:3]
    assert await events(api, f"?action=segment.create&cursor={first['next_cursor']}") == every[3:]
    wrong = f"?since={every[0]['at']}&until={every[1]['at']}"
    assert paths(await api.get(f"/audit{wrong}", "admin")) == ["until"]
    for query in ("action=nothing", "actor=ana@example.com", "since=yesterday"):
        assert (await api.get(f"/audit?{query}", "admin")).status_code == 422


async def test_the_file_has_every_event_and_itself_and_no_formula(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns_api.audit.CSV_PAGE", 2)
    for number in range(4):
        await api.post("/segments", {"name": f"=cmd|{number}", "rules": RULES})
    answer = await api.get("/audit.csv", "admin")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-log.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["audit.export", *["segment.create"] * 4]
    assert [row["detail"] for row in rows[1:]] == [f"'=cmd|{number}" for number in (3, 2, 1, 0)]
    assert rows[1]["after"] == "name: =cmd|3\nrules: more than 1 visit"
    assert (await api.get("/audit.csv", "marketer")).status_code == 403


async def test_stored_texts_are_bounded(api: Api) -> None:
    draft = {"name": "Long", "rules": RULES, "message": {"subject": "s" * 500, "body": "x" * 10_000}}
    made = await api.post("/campaigns", {**draft, "channel": "email"})
    assert made.status_code == 201, made.text
    (entry,) = await events(api)
    assert len(json.dumps(entry)) < 2_000


async def test_calls_that_a_role_does_not_allow_are_events_too(api: Api) -> None:
    await api.store([person(2)])
    for _ in range(3):
        assert (await api.call("DELETE", page_of("C-2"))).status_code == 403
    assert (await api.get(f"{page_of('C-2')}/export", "viewer")).status_code == 403
    assert list(map(summary, await events(api))) == [
        ("viewer@example.com", "access.refuse", "GET /api/v1/customers/{key}/export", "", "refused"),
        ("marketer@example.com", "access.refuse", "DELETE /api/v1/customers/{key}", "", "refused"),
    ]
