"""Previews while others write, while clients give up, and while a block is damaged."""

import asyncio
import base64
import http.client
import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from crm.audience.store import reader as reading
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases import preview as counting
from crm.audience.usecases.compact import Compact
from crm.kernel.errors import Unavailable
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api, person
from tests.identity import session_headers
from tests.projection import names, store_of
from tests.support import client_of, load_function, serving
from tests.waiting import until_true

pytestmark = pytest.mark.emulator

WRITERS, ROUNDS = 5, 8

SETTLED = timedelta(seconds=1.5)
"""Younger log documents are left alone: a write may be stamped some time before it can be read."""

EVERYONE = {"combinator": "and", "rules": [], "all": True}


def pushed(kind: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """A push of packed records, as their subscription sends it."""
    body = json.dumps({"kind": kind, "records": records}).encode()
    message = {"data": base64.b64encode(body).decode(), "messageId": "1", "attributes": {}}
    return {"message": message, "subscription": "projects/p/subscriptions/records"}


async def test_a_preview_after_the_consumers_answer_is_exact(
    api: Api, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five clients write and read concurrently over HTTP, while the log is folded."""
    monkeypatch.setattr(reading, "HEAD_EVERY", reading.HEAD_EVERY * 0)
    writing = True

    async def write_and_look(consumer: httpx2.AsyncClient, writer: int) -> None:
        for number in range(ROUNDS):
            name = f"W{writer}-{number}"
            for kind, record in (
                ("customers", {"customer_id": name, "email": f"{name}@example.com".lower()}),
                ("orders", {"order_id": name, "customer_id": name, "amount": 5, "category": "hats"}),
            ):
                at = "2026-01-01T00:00:00Z"
                more = {"placed_at": at} if kind == "orders" else {}
                answer = await consumer.post(
                    "/events/records", json=pushed(kind, [{**record, **more, "updated_at": at}])
                )
                assert answer.status_code == 204
            found = (await api.post("/audience/preview", {"rules": bought(f"W{writer}-")})).json()
            assert found["matched"] == number + 1
            assert found["total"] >= number + 1

    async def fold() -> None:
        while writing:
            await Compact(store=FirestoreAudience(client(api.project), settled=SETTLED))()

    async with client_of(load_function("consumer"), headers=push_headers) as consumer:
        folding = asyncio.create_task(fold())
        await asyncio.gather(*(write_and_look(consumer, writer) for writer in range(WRITERS)))
        writing = False
        await folding
    found = (await api.post("/audience/preview", {"rules": bought("W")})).json()
    assert found["matched"] == found["total"] == WRITERS * ROUNDS


def bought(beginning: str) -> dict[str, Any]:
    """Who has an id that begins so, and bought a hat."""
    hat = {"combinator": "and", "rules": [{"field": "category", "operator": "=", "value": "hats"}]}
    return {
        "combinator": "and",
        "rules": [
            {"field": "customer_id", "operator": "beginsWith", "value": beginning},
            {"field": "orders", "match": {"mode": "exactly", "threshold": 1}, "value": hat},
        ],
    }


async def test_questions_that_were_given_up_are_not_counted(
    project: str, function: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people's previews are being counted when five more come and go; one that waits is counted."""
    of = {role: await session_headers(project, role) for role in ("marketer", "admin")}
    client.cache_clear()  # the server has an event loop of its own
    count = counting.preview
    counted: list[str] = []
    gate = threading.Event()

    def slowly(snapshot: Any, rules: Any, *rest: Any) -> Any:
        counted.append(str(rules.nodes[0].value))
        gate.wait(60)
        return count(snapshot, rules, *rest)

    monkeypatch.setattr(counting, "preview", slowly)

    def ask(address: str, city: str, role: str = "marketer") -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(address, timeout=60)
        headers = {**of[role], "Content-Type": "application/json"}
        rules = {"combinator": "and", "rules": [{"field": "city", "operator": "=", "value": city}]}
        connection.request("POST", "/api/v1/audience/preview", json.dumps({"rules": rules}), headers)
        return connection

    app = function().app
    turns = app.state.services().evaluations._turns
    with serving(app) as url:
        address = urlsplit(url).netloc
        first = [ask(address, f"first {role}", role) for role in of]
        await until_true(lambda: len(counted) == 2)
        stale = [ask(address, f"stale {number}") for number in range(5)]
        last = ask(address, "last")
        await until_true(lambda: turns["marketer@example.com"].requests == 7)
        for each in stale:
            each.close()
        # Calls answered now are answered after those were seen to be gone.
        assert (await asyncio.to_thread(httpx2.get, f"{url}/health", timeout=60)).status_code == 200
        gate.set()
        statuses = [(await asyncio.to_thread(each.getresponse)).status for each in (*first, last)]

    assert statuses == [200, 200, 200]
    assert sorted(counted) == ["first admin", "first marketer", "last"]


async def test_a_damaged_block_is_503_until_it_is_rebuilt_and_never_a_smaller_number(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    database = client(api.project)
    await api.store([person(number) for number in range(30)])
    await Compact(store=store_of(database))()
    (name,) = await names(database, "audience_blocks")
    await database.document(f"audience_blocks/{name}").update({"payload": b"damage"})

    async def away(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(FirestoreSource, "partition", away)
        for _ in range(2):
            answer = await api.post("/audience/preview", {"rules": EVERYONE})
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
    assert f"block {name} of partition 0 does not match its checksum" in caplog.text

    found = (await api.post("/audience/preview", {"rules": EVERYONE})).json()
    assert (found["matched"], found["total"]) == (30, 30)
