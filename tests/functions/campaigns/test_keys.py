"""API keys over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from crm.access.live_keys import LiveKeys
from crm.access.store.api_keys import ApiKeys
from crm.kernel.errors import Unauthenticated
from crm.platform.clock import now
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api, paths

pytestmark = pytest.mark.emulator

SHOP = {"name": " Shop backend ", "scopes": ["ingest:orders", "ingest:customers", "ingest:orders"]}


async def verify(api: Api, text: str) -> str:
    """The id of the key, as an instance that has not seen it before finds it."""
    return (await LiveKeys(lambda: ApiKeys(client(api.project))).verify(text, now())).id


async def test_a_key_is_shown_once_works_and_is_revoked(api: Api) -> None:
    created = await api.post("/keys", SHOP, "admin")
    assert created.status_code == 201
    key = created.json()
    assert (key["name"], key["created_by"]) == ("Shop backend", "admin@example.com")
    assert key["scopes"] == ["ingest:customers", "ingest:orders"]
    assert (key["expires_at"], key["last_used_at"]) == (None, None)
    assert await verify(api, key["key"]) == key["id"]

    listed = (await api.get("/keys", "admin")).json()["data"]
    assert [each["id"] for each in listed] == [key["id"]]
    assert "key" not in listed[0]
    assert "hash" not in listed[0]

    assert (await api.call("DELETE", f"/keys/{key['id']}", "admin")).status_code == 204
    assert (await api.call("DELETE", f"/keys/{key['id']}", "admin")).status_code == 204
    with pytest.raises(Unauthenticated):
        await verify(api, key["key"])
    assert (await api.get("/keys", "admin")).json()["data"][0]["revoked_at"].endswith("Z")


async def test_a_key_says_until_when_it_works(api: Api) -> None:
    until = (now() + timedelta(days=30)).replace(microsecond=0)
    await api.post("/keys", {**SHOP, "expires_at": until.isoformat()}, "admin")
    (listed,) = (await api.get("/keys", "admin")).json()["data"]
    assert listed["expires_at"] == until.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("key_id", ["00", "0" * 150])
async def test_an_unknown_key_is_not_found(api: Api, key_id: str) -> None:
    assert (await api.call("DELETE", f"/keys/{key_id}", "admin")).status_code == 404


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": None}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": None}, "scopes"),
        ({"scopes": ["ingest:everything"]}, "scopes.0"),
        ({"scopes": "ingest:orders"}, "scopes"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": 5}, "expires_at"),
        ({"created_by": "somebody"}, "created_by"),
    ],
    ids=str,
)
async def test_an_ill_formed_key_is_refused_by_path(api: Api, change: dict[str, Any], path: str) -> None:
    answer = await api.post("/keys", {**SHOP, **change}, "admin")
    assert answer.status_code == 422
    assert paths(answer) == [path]
