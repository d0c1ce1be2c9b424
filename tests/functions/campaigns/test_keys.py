"""API keys over HTTP."""

import pytest

from crm.access.store.api_keys import ApiKeys
from crm.kernel.errors import Unauthenticated
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api, paths

pytestmark = pytest.mark.emulator


async def test_a_key_is_shown_once_works_and_is_revoked(api: Api) -> None:
    created = await api.post("/keys", {"name": " Shop backend "}, "admin")
    assert created.status_code == 201
    key = created.json()
    assert (key["name"], key["created_by"]) == ("Shop backend", "admin@example.com")
    assert (await ApiKeys(client(api.project)).verify(key["key"])).id == key["id"]

    listed = (await api.get("/keys", "admin")).json()["data"]
    assert [each["id"] for each in listed] == [key["id"]]
    assert "key" not in listed[0]
    assert "hash" not in listed[0]

    assert (await api.call("DELETE", f"/keys/{key['id']}", "admin")).status_code == 204
    assert (await api.call("DELETE", f"/keys/{key['id']}", "admin")).status_code == 204
    with pytest.raises(Unauthenticated):
        await ApiKeys(client(api.project)).verify(key["key"])
    assert (await api.get("/keys", "admin")).json()["data"][0]["revoked_at"].endswith("Z")


async def test_an_unknown_key_is_not_found(api: Api) -> None:
    assert (await api.call("DELETE", "/keys/00", "admin")).status_code == 404


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, None])
async def test_a_key_needs_a_name(api: Api, name: str | None) -> None:
    answer = await api.post("/keys", {"name": name}, "admin")
    assert answer.status_code == 422
    assert paths(answer) == ["name"]
