"""Work on the whole audience is done in threads, so that other calls are answered meanwhile."""

import asyncio
from contextlib import suppress
from datetime import tzinfo
from typing import Any

import pytest

from crm.audience.engine import people
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules import parse
from crm.audience.usecases import explain
from crm.campaigns.store.campaigns import Campaigns
from crm.customers.customer_key import customer_key
from crm.segments.store.segments import Segments
from tests.functions.campaigns.conftest import Api, page_of, person
from tests.functions.campaigns.drafts import DRAFT, RULES

pytestmark = pytest.mark.emulator

MESSAGE = {"message": {"body": "Hello"}}
WHOM = {"rules": RULES, "key": customer_key("C-1")}

CALLS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/customers/search", {"query": "c-1"}),
    ("GET", f"{page_of('C-1')}/segments", None),
    ("GET", "/overview", None),
    ("POST", "/audience/preview", {"rules": RULES}),
    ("POST", "/audience/explain", WHOM),
    ("GET", "/segments", None),
    ("GET", "/segments/fields", None),
    ("POST", "/segments/{id}/snapshots", {}),
    ("GET", "/messages/variables", None),
    ("POST", "/messages/preview", MESSAGE),
    ("POST", "/campaigns", DRAFT),
    ("DELETE", "/sample", None),
)


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{call[0]} {call[1]}" for call in CALLS])
async def test_nothing_evaluates_the_audience_on_the_event_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    await api.store([person(number) for number in range(1, 4)])
    segment = (await api.post("/segments", {"name": "Frequent", "rules": RULES})).json()["id"]
    parts, find = vars(Snapshot)["parts"].func, people.find
    where: list[str] = []

    def note() -> None:
        where.append("thread")
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            where.append("event loop")

    def noted_parts(snapshot: Snapshot) -> Any:
        note()
        return parts(snapshot)

    def noted_find(snapshot: Snapshot, customer_id: str) -> Any:
        note()
        return find(snapshot, customer_id)

    monkeypatch.setattr(Snapshot, "parts", property(noted_parts))
    monkeypatch.setattr(explain, "find", noted_find)
    answer = await api.call(method, path.format(id=segment), json=body)

    assert answer.is_success, answer.text
    assert set(where) == {"thread"}


@pytest.mark.parametrize("call", ["/audience/preview", "/audience/explain", "/segments"])
async def test_no_rules_are_parsed_on_the_event_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    await api.store([person(1)])
    made, where = parse._Parser.__init__, []

    def noted(parser: parse._Parser, zone: tzinfo) -> None:
        where.append("thread")
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            where.append("event loop")
        made(parser, zone)

    monkeypatch.setattr(parse._Parser, "__init__", noted)
    bodies = {
        "/audience/preview": {"rules": RULES},
        "/audience/explain": WHOM,
        "/segments": {"name": "Frequent", "rules": RULES},
    }
    answer = await api.post(call, bodies[call])
    assert answer.is_success, answer.text
    assert set(where) == {"thread"}


@pytest.mark.parametrize("path", ["/segments", "/segments?sizes=false", "/campaigns"])
async def test_few_lists_with_rules_are_read_at_the_same_time(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    reading, most = 0, 0

    def noted(store: type[Segments] | type[Campaigns]) -> None:
        real: Any = store.list

        async def slowly(*arguments: Any) -> Any:
            nonlocal reading, most
            reading += 1
            most = max(most, reading)
            try:
                await asyncio.sleep(0.05)
                return await real(*arguments)
            finally:
                reading -= 1

        monkeypatch.setattr(store, "list", slowly)

    noted(Segments)
    noted(Campaigns)
    answers = await asyncio.gather(*(api.get(path) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert most == 2
