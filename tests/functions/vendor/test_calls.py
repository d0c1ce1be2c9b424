import asyncio
import json
import os
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.channels.simulator_ledger import LedgerEntry, SimulatorLedger
from crm.config import ConfigurationError
from crm.platform.firestore.client import client as database
from devstack.broker import Broker
from tests.functions.vendor.conftest import Vendor, ledger_of, message, queued, receipts, send
from tests.waiting import until_true

pytestmark = pytest.mark.emulator


async def test_each_message_is_booked_once_and_called_back(vendor: Vendor, broker: Broker) -> None:
    function = vendor(failure_rate=0)
    names = [f"m{number}" for number in range(600)]
    response = await send(function, *names)
    assert response.status_code == 200
    assert response.json()["results"] == [{"id": n, "status": "accepted", "reason": None} for n in names]
    assert await ledger_of(function, *names) == dict.fromkeys(names, ("accepted", 1))
    assert receipts(queued(broker)) == sorted((name, "delivered") for name in names)


async def test_a_repeat_answers_the_same_and_only_counts(vendor: Vendor, broker: Broker) -> None:
    function = vendor(rejected_rate=0.5)
    names = [f"m{number}" for number in range(20)]
    first = await send(function, *names[:15])
    callbacks = receipts(queued(broker))
    again = await send(function, *names)
    assert again.json()["results"][:15] == first.json()["results"]
    assert {result["status"] for result in first.json()["results"]} == {"accepted", "rejected"}
    found = await ledger_of(function, *names)
    assert [found[name][1] for name in names] == [2] * 15 + [1] * 5
    summary = (await function.get("/v1/ledger/summary")).json()
    assert summary == {"messages": 20, "offered": 35}
    assert set(callbacks) <= set(receipts(queued(broker)))


async def test_a_repeat_gets_the_very_same_receipts(vendor: Vendor, broker: Broker) -> None:
    function = vendor(opened_rate=1)
    await send(function, "m1", "m2")
    first = queued(broker)
    await send(function, "m2", "m1")
    second = queued(broker)
    assert [m["not_before"] for m in second] == [m["not_before"] for m in first]
    for one, other in zip(first, second, strict=True):
        assert sorted(map(json.dumps, one["receipts"])) == sorted(map(json.dumps, other["receipts"]))


async def test_who_was_killed_before_publishing_is_made_good_by_the_repeat(
    vendor: Vendor, broker: Broker, project: str
) -> None:
    entry = LedgerEntry(message_id="m1", status="accepted", reason=None, at=datetime.now(UTC))
    await SimulatorLedger(database(project)).enter([entry])
    await send(vendor(failure_rate=0), "m1")
    assert receipts(queued(broker)) == [("m1", "delivered")]


async def test_an_id_twice_in_a_call_is_one_message(vendor: Vendor, broker: Broker) -> None:
    function = vendor(failure_rate=0)
    response = await send(function, "m1", "m2", "m1")
    assert [result["id"] for result in response.json()["results"]] == ["m1", "m2", "m1"]
    assert await ledger_of(function, "m1", "m2") == {"m1": ("accepted", 2), "m2": ("accepted", 1)}
    assert receipts(queued(broker)) == [("m1", "delivered"), ("m2", "delivered")]


async def test_competing_calls_book_each_message_once(vendor: Vendor) -> None:
    function = vendor()
    names = [f"m{number}" for number in range(12)]
    batches = [names[:8], names[4:], names[::-1]]
    responses = await asyncio.gather(*(send(function, *batch) for batch in batches))
    assert {response.status_code for response in responses} == {200}
    assert (await function.get("/v1/ledger/summary")).json() == {"messages": 12, "offered": 28}


async def test_a_message_without_an_address_is_rejected_alone(vendor: Vendor, broker: Broker) -> None:
    function = vendor(failure_rate=0)
    batch = {"messages": [message("m1", to=""), message("m2")]}
    response = await function.post("/v1/messages", json=batch)
    assert response.json()["results"] == [
        {"id": "m1", "status": "rejected", "reason": "no address"},
        {"id": "m2", "status": "accepted", "reason": None},
    ]
    assert receipts(queued(broker)) == [("m2", "delivered")]


async def test_content_is_kept_only_where_that_is_wanted(vendor: Vendor) -> None:
    for keep, expected in (
        (False, {}),
        (True, {"channel": "simulator", "to": "b@example.com", "body": "Hi b"}),
    ):
        function = vendor(keep_content=keep)
        await send(function, "b" if keep else "a")
        content = (await function.get(f"/v1/messages/{'b' if keep else 'a'}")).json()["content"]
        assert {name: value for name, value in content.items() if value is not None} == expected


@pytest.mark.parametrize(("knob", "status"), [("throttle_rate", 429), ("error_rate", 503)])
async def test_a_call_that_is_turned_away_leaves_nothing(
    vendor: Vendor, broker: Broker, knob: str, status: int
) -> None:
    function = vendor(**{knob: 1})
    response = await send(function, "m1")
    assert (response.status_code, response.headers["retry-after"]) == (status, "1")
    assert response.headers["content-type"] == "application/problem+json"
    assert await ledger_of(function, "m1") == {}
    assert queued(broker) == []


async def test_a_call_that_is_turned_away_may_pass_later(vendor: Vendor) -> None:
    function = vendor(throttle_rate=0.5)
    statuses = [(await send(function, "m1")).status_code for _ in range(20)]
    assert set(statuses) == {200, 429}


async def test_a_call_that_hangs_has_been_accepted(vendor: Vendor, broker: Broker) -> None:
    function = vendor(timeout_rate=1, hang=60, failure_rate=0)
    call = asyncio.create_task(send(function, "m1"))
    callbacks: list[dict[str, Any]] = []

    def called_back() -> bool:
        callbacks.extend(queued(broker))
        return bool(callbacks)

    await until_true(called_back)
    assert not call.done()
    call.cancel()
    assert await ledger_of(function, "m1") == {"m1": ("accepted", 1)}
    assert receipts(callbacks) == [("m1", "delivered")]


@pytest.mark.usefixtures("brief_retries")
async def test_without_the_broker_nothing_is_answered_as_accepted(
    vendor: Vendor, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = vendor(failure_rate=0)
    host = os.environ["PUBSUB_EMULATOR_HOST"]
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:9")
    assert (await send(function, "m1")).status_code == 503
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", host)
    assert (await send(vendor(failure_rate=0), "m1")).status_code == 200
    assert receipts(queued(broker)) == [("m1", "delivered")]


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "the vendor's key"}]
)
async def test_who_has_no_key_gets_nothing(vendor: Vendor, headers: dict[str, str]) -> None:
    function = vendor()
    function.headers.pop("Authorization")
    assert (
        await function.post("/v1/messages", json={"messages": [message("m1")]}, headers=headers)
    ).status_code == 401
    for path in ("/v1/messages/m1", "/v1/ledger?ids=m1", "/v1/ledger/summary"):
        assert (await function.get(path, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [message(f"m{n}") for n in range(1001)]}, "messages"),
        ({"messages": [message("a/b")]}, "messages.0.id"),
        ({"messages": [message("__x__")]}, "messages.0.id"),
        ({"messages": [message("m1"), message("m2", to=5)]}, "messages.1.to"),
        ({"messages": [message("m1", more=1)]}, "messages.0.more"),
    ],
)
async def test_a_bad_call_is_422_and_named(vendor: Vendor, body: Any, fault: str) -> None:
    response = await vendor().post("/v1/messages", json=body)
    assert (response.status_code, [e["path"] for e in response.json()["errors"]]) == (422, [fault])


async def test_malformed_json_is_400(vendor: Vendor) -> None:
    headers = {"content-type": "application/json"}
    assert (await vendor().post("/v1/messages", content=b"{", headers=headers)).status_code == 400


async def test_the_ledger_answers_for_unknown_ids(vendor: Vendor) -> None:
    function = vendor()
    assert (await function.get("/v1/messages/m1")).status_code == 404
    assert (await function.get("/v1/messages/__x__")).status_code == 422
    assert await ledger_of(function, "m1") == {}
    assert (await function.get("/v1/ledger", params={"ids": "a,,b"})).status_code == 422
    assert (await function.get("/v1/ledger", params={"ids": ",".join(["a"] * 1001)})).status_code == 422
    assert (await function.get("/v1/ledger/summary")).json() == {"messages": 0, "offered": 0}


# Callbacks, over real HTTP to the real receipts function.


async def test_a_weak_webhook_secret_stops_the_start(vendor: Vendor) -> None:
    with pytest.raises(ConfigurationError, match="CRM_WEBHOOK_SECRET"):
        vendor(webhook_secret="whsec_c2hvcnQ=")
    with pytest.raises(ValueError, match="webhook secret"):
        vendor(webhook_secret="whsec_bm90IGVub3VnaA==")
