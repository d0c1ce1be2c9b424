"""One query of the logs follows a campaign through the functions: every line about it names it."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from crm.delivery.log import LogRow
from crm.entry import logs
from crm.kernel.errors import Unavailable
from tests.delivery.campaign_stores import World, body, envelope
from tests.support import guarded_client_of, load_function
from tests.vendor_stub import VENDOR_KEY, VendorStub

pytestmark = pytest.mark.emulator

STEPS = (
    "campaign is launching",
    "partition cut into 1 chunks",
    "campaign is sending",
    "unavailable: The vendor asked to wait.",
    "chunk of 3 recipients done",
    "receipts of 3 recipients applied",
    "campaign is finished",
)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET = "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g="


@contextmanager
def logged() -> Iterator[None]:
    """Lines as in the cloud. Pytest has handlers of its own, which come back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure()
    yield
    root.handlers[:] = before
    root.setLevel(level)


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_one_query_follows_a_campaign_through_the_functions(
    world: World,
    vendor_stub: VendorStub,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.http = guarded_client_of(world.module, headers=world.push_headers)
    with logged():
        chunks = await world.sending(3)
        vendor_stub.refusals = [(429, {})]
        assert (await world.pushes("chunks", chunks[0])).status_code == 503
        world.now += timedelta(seconds=1)
        assert (await world.pushes("chunks", chunks[0])).status_code == 204
        await reported(world, list((await world.rows()).values()), monkeypatch)
        for _ in range(3):
            world.now += timedelta(minutes=10)
            await world.ticks()

    lines = said(capsys)
    followed = [line for line in lines if line.get("campaign_id") == "c1"]
    assert [line["message"] for line in followed if line["message"] in STEPS] == list(STEPS)
    by_message = {line["message"]: line for line in followed}
    assert by_message["unavailable: The vendor asked to wait."]["chunk_id"] == "0000-0000"
    assert by_message["chunk of 3 recipients done"]["chunk_id"] == "0000-0000"
    receipts = by_message["receipts of 3 recipients applied"]
    assert receipts["chunk_ids"] == ["0000-0000"]
    assert receipts["logging.googleapis.com/trace"].endswith(f"/traces/{TRACE}")

    everything = json.dumps(lines)
    assert [word for word in ("@example.com", "Name 1", VENDOR_KEY, SECRET) if word in everything] == []


async def reported(world: World, rows: list[LogRow], monkeypatch: pytest.MonkeyPatch) -> None:
    """Push the receipts of `rows` to the receipts function."""
    monkeypatch.setenv("CRM_WEBHOOK_SECRETS", SECRET)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", "a key for tests that is long enough for that")
    reports = [
        {"message_id": row.message_id, "status": "delivered", "occurred_at": world.now.isoformat()}
        for row in rows
    ]
    headers = {**world.push_headers, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    async with guarded_client_of(load_function("receipts"), headers=headers) as http:
        answer = await http.post("/events/receipts", json=envelope(body(receipts=reports)))
        assert answer.status_code == 204, answer.text


async def test_why_a_push_failed_is_found_by_its_campaign(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    async def away(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    world.http = guarded_client_of(world.module, headers=world.push_headers)
    with logged():
        assert (await world.pushes("partitions", body(campaign_id="gone", partition=0))).status_code == 404
        for trouble in (broken, away):
            monkeypatch.setattr(world.module, "freeze_partition", lambda trouble=trouble: trouble)
            await world.pushes("partitions", body(campaign_id=trouble.__name__, partition=0))
        await asyncio.gather(
            *(world.pushes("partitions", text) for text in (body(campaign_id=7, partition=0), b"no json"))
        )

    lines = said(capsys)
    found = {line["campaign_id"]: line["message"] for line in lines if "campaign_id" in line}
    assert found == {
        "gone": "event refused: There is no such campaign.",
        "broken": "unhandled error on POST /events/partitions",
        "away": "unavailable: The database does not answer.",
    }
    assert "RuntimeError: a bug" in next(line["stack_trace"] for line in lines if "stack_trace" in line)
    kept = "kept a message of partitions as a dead letter: message.data"
    assert len([line for line in lines if line["message"].startswith(kept)]) == 2
