"""Members over HTTP."""

import pytest

from tests.functions.campaigns.conftest import Api, paths

pytestmark = pytest.mark.emulator


async def test_an_administrator_adds_and_removes_a_member(api: Api) -> None:
    added = await api.post("/members", {"email": "Ana@Example.com", "role": "marketer"}, "admin")
    assert added.status_code == 201
    assert added.json()["email"] == "ana@example.com"
    assert added.json()["added_by"] == "admin@example.com"
    assert added.json()["added_at"].endswith("Z")

    again = await api.post("/members", {"email": "ana@example.com", "role": "viewer"}, "admin")
    assert again.status_code == 409

    emails = [member["email"] for member in (await api.get("/members", "admin")).json()["data"]]
    assert emails == ["admin@example.com", "ana@example.com", "marketer@example.com", "viewer@example.com"]

    assert (await api.call("DELETE", "/members/ana@example.com", "admin")).status_code == 204
    assert (await api.call("DELETE", "/members/ana@example.com", "admin")).status_code == 204
    assert len((await api.get("/members", "admin")).json()["data"]) == 3


async def test_a_removed_member_is_out_immediately(api: Api) -> None:
    assert (await api.get("/segments", "viewer")).status_code == 200
    await api.call("DELETE", "/members/viewer@example.com", "admin")
    assert (await api.get("/segments", "viewer")).status_code == 401


async def test_a_changed_role_is_effective_immediately(api: Api) -> None:
    changed = await api.call("PUT", "/members/Viewer@example.com", "admin", json={"role": "marketer"})
    assert changed.status_code == 200
    assert (changed.json()["email"], changed.json()["role"]) == ("viewer@example.com", "marketer")
    assert (await api.get("/session", "viewer")).json()["role"] == "marketer"

    nobody = await api.call("PUT", "/members/eve@example.com", "admin", json={"role": "admin"})
    assert nobody.status_code == 404


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PUT", {"role": "viewer"})])
async def test_the_last_administrator_stays(api: Api, method: str, body: dict[str, str] | None) -> None:
    answer = await api.call(method, "/members/admin@example.com", "admin", json=body)
    assert answer.status_code == 409
    assert (await api.get("/members", "admin")).status_code == 200


async def test_another_administrator_lets_the_first_go(api: Api) -> None:
    await api.call("PUT", "/members/viewer@example.com", "admin", json={"role": "admin"})
    assert (
        await api.call("PUT", "/members/admin@example.com", "admin", json={"role": "viewer"})
    ).status_code == 200
    assert (
        await api.call("PUT", "/members/viewer@example.com", "viewer", json={"role": "viewer"})
    ).status_code == 409


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "ana", "role": "viewer"}, "email"),
        ({"email": "ana@example.com", "role": "owner"}, "role"),
        ({"email": "ana@example.com"}, "role"),
    ],
)
async def test_an_ill_formed_member_is_refused_by_path(api: Api, body: dict[str, str], path: str) -> None:
    answer = await api.post("/members", body, "admin")
    assert answer.status_code == 422
    assert paths(answer) == [path]
