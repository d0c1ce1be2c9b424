"""What holds for every route of the API."""

import re
from typing import Any

import pytest

from tests.functions.campaigns.conftest import Api, paths
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

PARAMETER = re.compile(r"\{\w+}")
PUBLIC = {
    ("GET", "/session/config"),
    ("POST", "/session/nonce"),
    ("POST", "/session"),
    ("DELETE", "/session"),
}
OF_ADMINS = ("/keys", "/members", "/webhook-secrets", "/audit")


def routes_of(api: Api) -> list[tuple[str, str]]:
    transport: Any = api.http._transport
    documented = transport.app.openapi()["paths"]
    return [
        (method.upper(), PARAMETER.sub("abc", path.removeprefix("/api/v1")))
        for path, methods in documented.items()
        for method in methods
    ]


async def test_nothing_answers_without_a_session(api: Api) -> None:
    routes = routes_of(api)
    assert len(routes) > 30
    for method, path in set(routes) - PUBLIC:
        answer = await api.http.request(method, f"/api/v1{path}", headers={"X-Requested-With": "crm"})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "private, no-store"


async def test_no_write_passes_without_the_header(api: Api) -> None:
    headers = {"Cookie": api.roles["admin"]["Cookie"]}
    for method, path in routes_of(api):
        if method != "GET":
            answer = await api.http.request(method, f"/api/v1{path}", headers=headers)
            assert answer.status_code == 403, (method, path)


async def test_a_viewer_changes_nothing(api: Api) -> None:
    reads = {"/audience/preview", "/audience/explain", "/messages/preview", "/session", "/session/nonce"}
    reads.add("/segments/abc/changes")
    for method, path in routes_of(api):
        if method != "GET" and path not in reads:
            answer = await api.call(method, path, "viewer")
            assert answer.status_code == 403, (method, path)
            assert "role" in answer.json()["detail"]


async def test_a_marketer_cannot_manage_keys_or_members_or_erase(api: Api) -> None:
    for method, path in routes_of(api):
        if path.startswith(OF_ADMINS) or (method == "DELETE" and path.startswith("/customers")):
            answer = await api.call(method, path, "marketer")
            assert answer.status_code == 403, (method, path)


async def test_a_body_that_is_no_json_is_400(api: Api) -> None:
    for content in (b"{", b"", b'{"a": nope}', b"\xff\xfe"):
        answer = await api.call(
            "POST", "/segments", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), content
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await api.call("POST", "/segments", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


async def test_unknown_fields_are_named(api: Api) -> None:
    answer = await api.post("/segments", {"name": "a", "rules": {}, "colour": "red"})
    assert answer.status_code == 422
    assert paths(answer) == ["colour"]


async def test_ids_that_cannot_be_ours_name_nothing(api: Api) -> None:
    for path in ("/campaigns/..", "/campaigns/__x__", "/segments/é", "/campaigns/nothing/log"):
        answer = await api.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_over_the_limit_is_413(api: Api) -> None:
    answer = await api.call("POST", "/segments", content=b" " * (11 * 2**20))
    assert answer.status_code == 413


async def test_the_documentation_is_served(api: Api) -> None:
    document = (await api.http.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/campaigns/{id}/launch" in document["paths"]
    page = await api.http.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/api/v1/openapi.json" in page.text


async def test_it_is_there(api: Api) -> None:
    answer = await api.http.get("/health")
    assert answer.json() == {"status": "ok", "version": "dev"}


async def test_every_operation_says_what_it_does(api: Api) -> None:
    transport: Any = api.http._transport
    document = transport.app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (method, path)
            assert "application/problem+json" in operation["responses"]["422"]["content"], (method, path)
            body = operation.get("requestBody")
            if body and "multipart/form-data" not in body["content"]:  # of which there is no example in JSON
                schema = body["content"]["application/json"]["schema"]
                name = (schema.get("$ref") or schema["anyOf"][0]["$ref"]).rsplit("/", 1)[1]
                assert document["components"]["schemas"][name].get("examples"), name


@pytest.mark.usefixtures("brief_retries")
async def test_a_database_that_is_away_is_503(
    api: Api, monkeypatch: pytest.MonkeyPatch, session_secret: str
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    monkeypatch.setenv("CRM_PROJECT", f"{api.project}-away")
    async with client_of(load_function("campaigns")) as http:
        answer = await http.get("/api/v1/campaigns", headers=api.roles["viewer"])
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
