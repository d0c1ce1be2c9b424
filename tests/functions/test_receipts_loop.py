"""The whole way of receipts: vendor, its topic, the signed webhook, the receipts topic, rows and counters."""

import asyncio
import base64
import os
from typing import Any

import httpx2
import pytest
from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Counts
from crm.campaigns.store.counters import Counters
from crm.config import VendorSettings, load
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt, joined
from crm.delivery.row_changes import movement
from crm.delivery.store.receipts import FirestoreReceipts
from crm.platform.firestore.client import client as shared_client
from devstack.broker import Broker
from tests.builders import NOON
from tests.identity import PUSH_ACCOUNT, PUSH_AUDIENCE, Issuer
from tests.receipts import CAMPAIGN, row, write
from tests.support import load_function, part_of, serving

pytestmark = pytest.mark.emulator

TOPICS = ("vendor-callbacks", "receipts")
Outcome = tuple[str, str | None, bool, bool]
Outcomes = tuple[list[Outcome], dict[str, Counts]]
SECRET = "whsec_" + base64.b64encode(b"v" * 24).decode()
CHAOS = {
    "receipt_delay": "0.1",
    "opened_rate": "0.5",
    "clicked_rate": "0.5",
    "duplicate_rate": "0.3",
    "reorder_rate": "0.3",
}


@pytest.mark.parametrize("batch", ["1", "100"])
async def test_rows_and_counters_end_as_the_vendor_decides(
    project: str,
    push_headers: dict[str, str],
    issuer: Issuer,
    monkeypatch: pytest.MonkeyPatch,
    batch: str,
) -> None:
    rows = [row(number) for number in range(60)]
    await write(project, rows)
    shared_client.cache_clear()  # the server has an event loop of its own
    apps: dict[str, Any] = {}

    async def both(scope: Any, receive: Any, send: Any) -> None:
        to_vendor = scope["path"].startswith(("/v1", "/events/vendor-callbacks"))
        await apps["vendor" if to_vendor else "receipts"](scope, receive, send)

    with serving(both) as url:
        knobs = {
            "vendor_key": SECRET,
            "webhook_url": f"{url}/api/v1/receipts",
            "webhook_secret": SECRET,
            **CHAOS,
        }
        wiring = {
            "callback_batch": batch,
            "webhook_secrets": SECRET,
            "webhook_key": SECRET,
            "push_token_in_query": "true",
        }
        for name, value in {**knobs, **wiring}.items():
            monkeypatch.setenv(f"CRM_{name.upper()}", value)
        apps.update({name: load_function(name).app for name in ("vendor", "receipts")})
        broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
        token = issuer.token(PUSH_ACCOUNT, PUSH_AUDIENCE)
        for topic in TOPICS:
            broker.create_topic(topic)
            push = {"pushEndpoint": f"{url}/events/{topic}?token={token}"}
            broker.create_subscription(topic, {"topic": broker.topic_name(topic), "pushConfig": push})
        await offer(url, rows)
        expected = decided(rows)
        for _ in range(600):
            if await found(project, rows) == expected:
                break
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)  # what is doubled comes after all that is needed, and must change nothing
        for topic in TOPICS:
            broker.stop_pushing(topic)
    assert await found(project, rows) == expected


async def offer(url: str, rows: list[LogRow]) -> None:
    """Send the messages of the rows, and send them again, as a caller does that got no answer."""
    messages = [
        {"id": one.message_id, "channel": "simulator", "to": "a@example.com", "body": "Hi"} for one in rows
    ]
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {SECRET}"}, trust_env=False) as caller:
        for _ in range(2):
            response = await caller.post(f"{url}/v1/messages", json={"messages": messages}, timeout=60)
            assert response.status_code == 200, response.text


def decided(rows: list[LogRow]) -> Outcomes:
    """What the rows and the counters must come to, by the vendor's own pure decisions."""
    outcomes = part_of("vendor", "vendor_sim.outcomes")
    settings = load(VendorSettings)
    after = []
    for one in rows:
        last = one
        for report in outcomes.reports(settings, one.message_id, NOON):
            last = joined(last, Receipt.model_validate(report.as_json()))
        after.append(last)
    groups: dict[str, Counts] = {}
    for before, last in zip(rows, after, strict=True):
        for group in ("all", *last.cohorts):
            groups[group] = groups.get(group, Counts()) + movement(before, last)
    return [outcome(one) for one in after], groups


async def found(project: str, rows: list[LogRow]) -> Outcomes:
    """What the rows and the counters are."""
    database = AsyncClient(project=project)
    seen = await FirestoreReceipts(database).rows([one.message_id for one in rows])
    counts = await Counters(database).by_group([CAMPAIGN])
    return [outcome(seen[one.message_id].row) for one in rows], counts["c1"]


def outcome(one: LogRow) -> Outcome:
    return one.status, one.reason, one.opened_at is not None, one.clicked_at is not None
