"""Members over HTTP."""

import pytest

from crm.access.members import member_id
from tests.functions.campaigns.conftest import Api, paths
from tests.identity import session_headers

pytestmark = pytest.mark.emulator


def path_of(role: str) -> str:
    return f"/members/{member_id(f'{role}@example.com')}"


async def test_an_administrator_adds_and_removes_a_member(api: Api) -> None:
    added = await api.post("/members", {"email": "Ana@Example.com", "role": "marketer"}, "admin")
    assert added.status_code == 201
    assert added.json()["email"] == "ana@example.com"
    assert added.json()["added_by"] == "admin@example.com"
    assert added.json()["added_at"].endswith("Z")
    (event, *_) = (await api.get("/audit?action=member.add", "admin")).json()["data"]
    assert event["subject"] == "ana@example.com"
    ana = added.json()["id"]
    assert "example" not in ana
    assert {"version", "subject", "ended_sessions"}.isdisjoint(added.json())

    again = await api.post("/members", {"email": "ana@example.com", "role": "viewer"}, "admin")
    assert again.status_code == 409

    emails = [member["email"] for member in (await api.get("/members", "admin")).json()["data"]]
    assert emails == ["admin@example.com", "ana@example.com", "marketer@example.com", "viewer@example.com"]

    assert (await api.call("DELETE", f"/members/{ana}", "admin")).status_code == 204
    assert (await api.call("DELETE", f"/members/{ana}", "admin")).status_code == 204
    assert len((await api.get("/members", "admin")).json()["data"]) == 3


async def test_a_removed_member_is_out_immediately(api: Api) -> None:
    assert (await api.get("/segments", "viewer")).status_code == 200
    await api.call("DELETE", path_of("viewer"), "admin")
    assert (await api.get("/segments", "viewer")).status_code == 401


async def test_a_changed_role_ends_the_member_s_sessions(api: Api) -> None:
    same = await api.call("PUT", path_of("viewer"), "admin", json={"role": "viewer"})
    assert same.status_code == 200
    assert (await api.get("/session", "viewer")).status_code == 200
    changed = await api.call("PUT", path_of("viewer"), "admin", json={"role": "marketer"})
    assert changed.status_code == 200
    assert (changed.json()["email"], changed.json()["role"]) == ("viewer@example.com", "marketer")
    assert (await api.get("/session", "viewer")).status_code == 401
    again = await session_headers(api.project, "viewer")
    assert (await api.http.get("/api/v1/session", headers=again)).json()["role"] == "marketer"


@pytest.mark.parametrize("name", ["0" * 64, "eve", "eve@example.com", "0" * 200, "_" * 5])
async def test_an_unknown_member_is_not_found(api: Api, name: str) -> None:
    answer = await api.call("PUT", f"/members/{name}", "admin", json={"role": "admin"})
    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PUT", {"role": "viewer"})])
async def test_the_last_administrator_stays(api: Api, method: str, body: dict[str, str] | None) -> None:
    answer = await api.call(method, path_of("admin"), "admin", json=body)
    assert answer.status_code == 409
    assert (await api.get("/members", "admin")).status_code == 200


async def test_another_administrator_lets_the_first_go(api: Api) -> None:
    await api.call("PUT", path_of("viewer"), "admin", json={"role": "admin"})
    lowered = await api.call("PUT", path_of("admin"), "admin", json={"role": "viewer"})
    assert lowered.status_code == 200
    api.roles["viewer"] = await session_headers(api.project, "viewer")
    last = await api.call("PUT", path_of("viewer"), "viewer", json={"role": "viewer"})
    assert last.status_code == 409


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "ana", "role": "viewer"}, "email"),
        ({"email": "a" * 250 + "@b.co", "role": "viewer"}, "email"),
        ({"email": "an\u0430@example.com", "role": "viewer"}, "email"),
        ({"email": "ana@example.com", "role": "viewer", "version": "v1"}, "version"),
        ({"email": "ana@example.com", "role": "owner"}, "role"),
        ({"email": "ana@example.com"}, "role"),
    ],
)
async def test_an_ill_formed_member_is_refused_by_path(api: Api, body: dict[str, str], path: str) -> None:
    answer = await api.post("/members", body, "admin")
    assert answer.status_code == 422
    assert paths(answer) == [path]
