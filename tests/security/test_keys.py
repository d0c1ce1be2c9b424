"""Using API keys for what they do not allow: other scopes, after their end, invented and oversized texts."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import ModuleType

import httpx2
import pytest

from crm.access.api_keys import SCOPES, Scope, text_of
from crm.access.live_keys import CACHE_SECONDS
from crm.access.refused_callers import CALLER_REFUSED
from crm.access.store.api_keys import ApiKeys, new_id
from crm.platform.clock import now
from crm.platform.firestore.client import client
from devstack.broker import Broker
from tests.functions.test_ingest import CUSTOMER, ORDER, PREFIX
from tests.functions.test_ingest import broker as broker
from tests.support import client_of, load_function

pytestmark = pytest.mark.emulator

SECRET = "x" * 43
BODIES = {"customers": CUSTOMER, "orders": ORDER}


@pytest.fixture
def function(project: str) -> ModuleType:
    return load_function("ingest")


@pytest.fixture
async def http(function: ModuleType) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(function) as caller:
        yield caller


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of keys that the database was asked for."""
    asked: list[str] = []
    find = ApiKeys.find

    async def noted(self: ApiKeys, key_id: str) -> object:
        asked.append(key_id)
        return await find(self, key_id)

    monkeypatch.setattr(ApiKeys, "find", noted)
    return asked


async def made(project: str, *scopes: Scope, expires_at: datetime | None = None) -> str:
    keys = ApiKeys(client(project))
    return (await keys.create(new_id(), "shop", "owner@example.com", now(), scopes, expires_at))[1]


async def post(http: httpx2.AsyncClient, path: str, text: str) -> httpx2.Response:
    kind = path.split("/")[0]
    body = {"records": [BODIES[kind]]} if path.endswith("batch") else BODIES[kind]
    return await http.post(f"{PREFIX}/{path}", json=body, headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_key_of_one_scope_posts_nothing_else(
    http: httpx2.AsyncClient, broker: Broker, project: str, scope: Scope
) -> None:
    text = await made(project, scope)
    for kind in BODIES:
        for path in (kind, f"{kind}/batch"):
            answer = await post(http, path, text)
            if scope == f"ingest:{kind}":
                assert answer.status_code == 202, answer.text
            else:
                assert answer.status_code == 403
                assert answer.headers["content-type"] == "application/problem+json"
                assert f"ingest:{kind}" in answer.json()["detail"]
    assert len(list(broker.take_unhandled("records"))) == 2


async def test_a_key_that_has_expired_is_refused_and_says_when(
    http: httpx2.AsyncClient, project: str, monkeypatch: pytest.MonkeyPatch, function: ModuleType
) -> None:
    end = now() + timedelta(minutes=1)
    text = await made(project, *SCOPES, expires_at=end)
    assert (await post(http, "customers", text)).status_code != 401
    monkeypatch.setattr(function, "now", lambda: end)
    answer = await post(http, "customers", text)
    assert answer.status_code == 401
    assert f"{end:%Y-%m-%d at %H:%M} UTC" in answer.json()["detail"]


async def test_invented_texts_reach_no_database(
    http: httpx2.AsyncClient, project: str, reads: list[str]
) -> None:
    good = await made(project, *SCOPES)
    for text in (
        f"crm_{'0' * 2000}_{SECRET}",
        f"crm_{'0' * 16}_{SECRET}",
        text_of("0" * 2000, SECRET),
        text_of("__x__", SECRET),
        text_of("..", SECRET),
        text_of("a/b/c/d/e/f/g/h0", SECRET),
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good[:10] + ("0" if good[10] != "0" else "1") + good[11:],
        good + good,
        "x" * 8000,
    ):
        assert (await post(http, "customers", text)).status_code == 401, text[:40]
    assert reads == []


async def test_an_unknown_key_with_a_good_checksum_is_read_once(
    http: httpx2.AsyncClient, reads: list[str]
) -> None:
    for _ in range(5):
        assert (await post(http, "customers", text_of("f" * 16, SECRET))).status_code == 401
    assert reads == ["f" * 16]


async def test_a_revoked_key_ends_within_half_a_minute_in_an_instance_that_knew_it(
    http: httpx2.AsyncClient, broker: Broker, project: str, function: ModuleType
) -> None:
    text = await made(project, *SCOPES)
    assert (await post(http, "customers", text)).status_code == 202
    (key,) = await ApiKeys(client(project)).all()
    await ApiKeys(client(project)).revoke(key.id, now())
    passed = function.keys._clock
    function.keys._clock = lambda: passed() + CACHE_SECONDS
    assert (await post(http, "customers", text)).status_code == 401


async def test_another_keys_secret_opens_nothing(http: httpx2.AsyncClient, project: str) -> None:
    first, second = await made(project, *SCOPES), await made(project, *SCOPES)
    mixed = text_of(first.split("_")[1], second.split("_", 2)[2][:-8])
    assert (await post(http, "customers", mixed)).status_code == 401


async def test_refused_keys_leave_a_line_with_their_id_alone(
    http: httpx2.AsyncClient,
    broker: Broker,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
    function: ModuleType,
    caplog: pytest.LogCaptureFixture,
) -> None:
    orders = await made(project, "ingest:orders")
    expired = await made(project, "ingest:customers", expires_at=now() + timedelta(hours=1))
    monkeypatch.setattr(function, "now", lambda: now() + timedelta(hours=2))
    unknown, wrong = text_of("0" * 16, SECRET), text_of(orders[4:20], SECRET)
    for text in (orders, expired, unknown, wrong):
        for _ in range(3):
            assert (await post(http, "customers", text)).status_code in (401, 403)
    lines = [vars(record)["ids"] for record in caplog.records if record.getMessage() == CALLER_REFUSED]
    assert [(line["reason"], line["key_id"]) for line in lines] == [
        ("key_scope", orders[4:20]),
        ("key_expired", expired[4:20]),
        ("key_unknown", "0" * 16),
        ("key_unknown", orders[4:20]),
    ]
    assert not any(text[20:63] in str(lines) for text in (orders, expired, unknown))
