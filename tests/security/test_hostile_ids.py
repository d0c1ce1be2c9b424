"""Tries to have one customer's id taken for a route, a file, a path of the database, or another customer."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from crm.access.route_rules import RULES_OF
from crm.customers.customer_key import customer_key
from crm.platform.firestore import documents
from tests.functions.campaigns.conftest import Api, page_of
from tests.security.conftest import Everybody
from tests.security.hostile_ids import HOSTILE_IDS, REFUSED_IDS

pytestmark = pytest.mark.emulator

EVERYBODY = {"combinator": "and", "rules": [], "all": True}
NEIGHBOURS = ("VIP", "VIP/export", "export", "..", "ann+x@example.com")
"""Erased one after the other, while all others have to stay."""


def record(customer_id: str) -> dict[str, Any]:
    return {"customer_id": customer_id, "name": f"Person {HOSTILE_IDS.index(customer_id)}", "consent": True}


async def listed(api: Api, query: str = "") -> dict[str, dict[str, Any]]:
    """Everybody whom a search finds, by id, over all pages."""
    found: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        answer = await api.post("/customers/search", {"query": query, "cursor": cursor, "limit": 7})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found |= {each["customer_id"]: each for each in page["data"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_each_id_leads_to_its_own_customer_and_to_nobody_else(everybody: Everybody) -> None:
    api = everybody.api
    await everybody.ingests("customers", *map(record, HOSTILE_IDS))
    everyone = await listed(api)
    assert set(everyone) == set(HOSTILE_IDS)
    assert len({each["key"] for each in everyone.values()}) == len(HOSTILE_IDS)
    segment = (await api.post("/segments", {"name": "All", "rules": EVERYBODY})).json()["id"]

    for customer_id, person in everyone.items():
        assert customer_id in await listed(api, customer_id.strip()), customer_id
        page = f"/customers/{person['key']}"
        customer = (await api.get(page)).json()["customer"]
        wanted = (customer_id, person["name"], person["key"])
        assert (customer["customer_id"], customer["name"], customer["key"]) == wanted
        exported = (await api.get(f"{page}/export")).json()
        assert exported["customer"]["customer_id"] == customer_id
        (membership,) = (await api.get(f"{page}/segments")).json()["data"]
        assert (membership["segment_id"], membership["matches"]) == (segment, True)
        why = await api.post("/audience/explain", {"rules": EVERYBODY, "key": person["key"]})
        assert (why.json()["customer_id"], why.json()["matches"]) == (customer_id, True)
        shown = {"message": {"body": "{{ customer.name }}"}, "key": person["key"]}
        assert (await api.post("/messages/preview", shown)).json()["body"] == person["name"]

    suppressed = everyone["VIP/suppressions"]["key"]
    body = {"channel": "email", "suppressed": True}
    assert (await api.call("PUT", f"/customers/{suppressed}/suppressions", json=body)).status_code == 200
    lists = {each: (await api.get(page_of(each))).json()["customer"]["suppressions"] for each in HOSTILE_IDS}
    assert {each for each, channels in lists.items() if channels} == {"VIP/suppressions"}

    left = set(HOSTILE_IDS)
    for customer_id in NEIGHBOURS:
        page = f"/customers/{everyone[customer_id]['key']}"
        assert (await api.call("DELETE", page, "admin")).status_code == 204
        left.remove(customer_id)
        assert (await api.get(page)).status_code == 404
        assert set(await listed(api)) == left
    for customer_id in left:
        assert (await api.get(page_of(customer_id))).json()["customer"]["customer_id"] == customer_id


async def test_ids_that_would_break_a_line_or_a_document_are_refused(everybody: Everybody) -> None:
    for customer_id in REFUSED_IDS:
        for kind, given in (
            ("customers", {"customer_id": customer_id}),
            ("orders", {"order_id": "O", "customer_id": customer_id, "amount": 1, "placed_at": "2026-01-01"}),
        ):
            answer = await everybody.ingest.post(f"/api/v1/ingest/{kind}", json=given)
            assert answer.status_code == 422, customer_id[:9]
            assert [each["path"] for each in answer.json()["errors"]] == ["customer_id"]


def spellings(name: str) -> set[str]:
    """What a name may look like in the path of a request, unless the client itself resolves its dots."""
    once = quote(name, safe="")
    dots = {".", ".."} & set(name.split("/"))
    return {once, quote(once, safe=""), *([] if dots else [quote(name)])} - {"", ".", ".."}


def hostile_paths() -> Iterator[tuple[str, str]]:
    """Every route with an id, with each hostile id in its place that could not be one of ours."""
    names = [*HOSTILE_IDS, *REFUSED_IDS, "F" * 32, "0" * 31, "0" * 33, "0" * 32 + "\n", "\u0660" * 32]
    strange = [name for name in names if name not in ("0" * 32, "f" * 32)]
    for route in RULES_OF["campaigns"]:
        method, path = route.split(" ")
        if "{key}" in path:
            for text in set().union(*map(spellings, strange)):
                yield method, path.replace("{key}", text)
        if "{id}" in path:
            for name in set(strange) - {"", ".", ".."}:
                yield method, path.replace("{id}", quote(name, safe=""))


async def test_in_a_path_they_are_not_found_and_reach_no_database(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.store([])
    asked: list[str] = []
    get_many, get = documents.get_many, documents.get

    async def watched(client: Any, paths: Any, *more: Any) -> Any:
        asked.extend([paths] if isinstance(paths, str) else paths)
        return await (get if isinstance(paths, str) else get_many)(client, paths, *more)

    monkeypatch.setattr(documents, "get", watched)
    monkeypatch.setattr(documents, "get_many", watched)
    calls = 0
    for method, path in hostile_paths():
        raw = httpx2.URL("http://test").copy_with(raw_path=path.encode())
        answer = await api.http.request(method, raw, headers=api.roles["admin"], json={})
        calls += 1
        assert answer.status_code in (404, 405), (method, path, answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", (method, path)
    assert calls > 3000
    assert [path for path in asked if not path.startswith("members/")] == []


async def test_in_a_query_or_a_cursor_they_are_refused_and_never_a_fault(api: Api) -> None:
    for path in ("/segments", "/campaigns", "/audit", "/imports"):
        for name in (*HOSTILE_IDS, *REFUSED_IDS):
            answer = await api.get(path, "admin", params={"cursor": name})
            assert answer.status_code in (200, 422), (path, name, answer.text)
    for name in (*HOSTILE_IDS, *REFUSED_IDS):
        search = await api.post("/customers/search", {"query": name, "cursor": name or None})
        assert search.status_code in (200, 422), (name, search.text)
        for body in ({"key": name}, {"keys": [name]}):
            preview = "/messages/preview" if "key" in body else "/messages/previews"
            answer = await api.post(preview, {"message": {"body": "x"}, **body})
            assert answer.status_code == 422 or len(name) == 32, (name, answer.text)


async def test_an_erasure_of_nobody_erases_nobody(everybody: Everybody) -> None:
    await everybody.ingests("customers", *map(record, HOSTILE_IDS))
    key = customer_key("somebody who never was")
    assert (await everybody.api.call("DELETE", f"/customers/{key}", "admin")).status_code == 404
    assert set(await listed(everybody.api)) == set(HOSTILE_IDS)


async def test_no_route_takes_what_people_have_been_given_elsewhere_in_its_path(api: Api) -> None:
    transport: Any = api.http._transport
    for path, methods in transport.app.openapi()["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                where, name, schema = parameter["in"], parameter["name"], json.dumps(parameter["schema"])
                if where == "path" and name != "name":
                    assert "[0-9a-f]" in schema, (path, name)
                assert name not in ("query", "email", "customer_id", "customer", "search"), (path, name)
