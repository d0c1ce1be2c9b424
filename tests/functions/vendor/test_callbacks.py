"""Callbacks of the simulated vendor, over real HTTP to the real receipts function."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from devstack.broker import Broker
from tests.functions.vendor.conftest import SECRET, Vendor, queued, receipts, send
from tests.support import load_function, serving

pytestmark = pytest.mark.emulator


@pytest.fixture
def webhook(project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The receipts function on a port of its own."""
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", SECRET)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", SECRET)
    with serving(load_function("receipts").app) as url:
        yield f"{url}/api/v1/receipts"


async def push(
    vendor: httpx2.AsyncClient, headers: dict[str, str], body: Any, seconds: float = 0
) -> httpx2.Response:
    due = datetime.now(UTC) + timedelta(seconds=seconds)
    data = json.dumps({"not_before": due.isoformat(), **body}).encode()
    envelope = {"message": {"data": base64.b64encode(data).decode(), "messageId": "1"}}
    return await vendor.post("/events/vendor-callbacks", json=envelope, headers=headers)


def reports(*names: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"receipts": [{"message_id": n, "status": "delivered", "occurred_at": at} for n in names]}


@pytest.mark.parametrize("size", [1, 4, 100])
async def test_receipts_reach_the_webhook_signed(
    vendor: Vendor, webhook: str, broker: Broker, push_headers: dict[str, str], size: int
) -> None:
    names = [f"m{number:02}" for number in range(10)]
    function = vendor(webhook_url=webhook, callback_batch=size)
    assert (await push(function, push_headers, reports(*names))).status_code == 204
    assert receipts(queued(broker, "receipts")) == [(name, "delivered") for name in names]


async def test_all_that_was_accepted_arrives(
    vendor: Vendor, webhook: str, broker: Broker, push_headers: dict[str, str]
) -> None:
    function = vendor(
        webhook_url=webhook, receipt_delay=0.05, duplicate_rate=0.3, reorder_rate=0.3, opened_rate=0.5
    )
    names = [f"m{number}" for number in range(300)]
    await send(function, *names)
    messages = queued(broker)
    for message in messages:
        assert (await push(function, push_headers, message)).status_code == 204
    arrived = receipts(queued(broker, "receipts"))
    assert arrived == receipts(messages)
    final = {name for name, status in arrived if status in ("delivered", "failed")}
    assert final == set(names)


async def test_a_receipt_waits_until_it_is_due(
    vendor: Vendor, webhook: str, broker: Broker, push_headers: dict[str, str]
) -> None:
    function = vendor(webhook_url=webhook)
    began = time.monotonic()
    assert (await push(function, push_headers, reports("m1"), seconds=0.4)).status_code == 204
    assert time.monotonic() - began >= 0.4
    assert receipts(queued(broker, "receipts")) == [("m1", "delivered")]


async def test_receipts_due_much_later_go_back_to_the_queue(
    vendor: Vendor, broker: Broker, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    function = vendor()
    monkeypatch.setattr(asyncio, "sleep", _no_sleep)
    assert (await push(function, push_headers, reports("m1"), seconds=60)).status_code == 204
    (message,) = queued(broker)
    assert datetime.fromisoformat(message["not_before"]) > datetime.now(UTC) + timedelta(seconds=30)
    assert receipts([message]) == [("m1", "delivered")]


async def _no_sleep(_: float) -> None:
    pass


async def test_a_push_fails_if_the_webhook_does_not_answer(
    vendor: Vendor, push_headers: dict[str, str]
) -> None:
    response = await push(vendor(), push_headers, reports("m1"))
    assert (response.status_code, "retry-after" in response.headers) == (503, True)


async def test_a_push_fails_where_the_webhook_refuses(
    vendor: Vendor, webhook: str, broker: Broker, push_headers: dict[str, str]
) -> None:
    stranger = "whsec_" + base64.b64encode(b"w" * 24).decode()
    function = vendor(webhook_url=webhook, webhook_secret=stranger)
    assert (await push(function, push_headers, reports("m1"))).status_code == 503
    assert queued(broker, "receipts") == []


async def test_only_our_subscription_may_push(vendor: Vendor) -> None:
    function = vendor()
    function.headers.pop("Authorization")
    assert (await push(function, {}, reports("m1"))).status_code == 401


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{",
        b"[" * 10_000,
        b"{}",
        b'{"not_before": "2026-03-01T12:00:00Z", "receipts": 5}',
        b'{"not_before": "2026-03-01T12:00:00Z", "receipts": [5]}',
        b'{"not_before": "2026-03-01T12:00:00", "receipts": []}',
        b'{"not_before": "soon", "receipts": []}',
        b'{"not_before": "9999-12-31T23:59:59Z", "receipts": []}',
    ],
)
async def test_a_message_that_is_not_ours_is_dropped_with_a_line_in_the_log(
    vendor: Vendor,
    push_headers: dict[str, str],
    broker: Broker,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
) -> None:
    function = vendor()
    envelope = {"message": {"data": base64.b64encode(content).decode(), "messageId": "1"}}
    answer = await function.post("/events/vendor-callbacks", json=envelope, headers=push_headers)
    assert answer.status_code == 204
    assert "dropped a message of vendor-callbacks" in capsys.readouterr().out
    assert queued(broker) == []
