"""One record, and one campaign, keep their trace over all functions that they pass."""

import base64
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crm.access.api_keys import SCOPES
from crm.access.store.api_keys import ApiKeys, new_id
from crm.entry import logs
from crm.platform import tracing
from crm.platform.clock import now
from crm.platform.firestore.client import client
from devstack.broker import Broker
from tests.delivery.campaign_stores import World, customer
from tests.support import guarded_client_of, load_function
from tests.vendor_stub import VendorStub

pytestmark = pytest.mark.emulator

TRACE = tracing.Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", is_sampled=True)
CARRIED = {tracing.TRACEPARENT: TRACE.traceparent}
CUSTOMER = {"customer_id": "C-1", "name": "Mira", "updated_at": "2026-01-01T00:00:00Z"}


@contextmanager
def logged() -> Iterator[None]:
    """Lines as in the cloud. Pytest has handlers of its own, which come back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure()
    yield
    root.handlers[:] = before
    root.setLevel(level)


def pushed(content: bytes, attributes: dict[str, str]) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {
        "message": {"data": data, "messageId": "17", "attributes": attributes},
        "subscription": "projects/p/subscriptions/s",
        "deliveryAttempt": 3,
    }


async def test_a_record_keeps_the_trace_of_the_call_that_posted_it(
    project: str, push_headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("records")
    broker.create_subscription("records", {"topic": broker.topic_name("records")})
    _, key = await ApiKeys(client(project)).create(new_id(), "shop", "owner@example.com", now(), SCOPES)
    posting = {"Authorization": f"Bearer {key}", **CARRIED}

    with logged():
        async with guarded_client_of(load_function("ingest"), headers=posting) as ingest:
            assert (await ingest.post("/api/v1/ingest/customers", json=CUSTOMER)).status_code == 202
            unasked = {tracing.TRACEPARENT: TRACE.traceparent[:-1] + "0"}
            refused = await ingest.post(
                "/api/v1/ingest/customers/batch", json={"records": [{}]}, headers=unasked
            )
            assert refused.json()["accepted"] == 0
    (message,) = broker.take_unhandled("records")
    with logged():
        async with guarded_client_of(load_function("consumer"), headers=push_headers) as consumer:
            push = pushed(base64.b64decode(message["data"]), message["attributes"])
            assert (await consumer.post("/events/records", json=push)).status_code == 204
            spoiled = pushed(b'{"kind":"fruit","records":[]}', {})
            assert (await consumer.post("/events/records", json=spoiled)).status_code == 204

    taken, received, kept = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert taken["message"] == "took 1 records of customers"
    assert taken["logging.googleapis.com/trace"] == f"projects/{project}/traces/{TRACE.trace_id}"
    assert received["message"] == "message received from projects/p/subscriptions/s"
    assert received["logging.googleapis.com/trace"] == f"projects/{project}/traces/{TRACE.trace_id}"
    assert kept["message"] == "kept 1 records as dead letters"
    assert TRACE.trace_id not in kept["logging.googleapis.com/trace"]
    for line in (received, kept):
        assert (line["message_id"], line["delivery_attempt"]) == ("17", 3)


async def test_a_campaign_keeps_its_trace_from_partition_to_vendor(
    world: World, vendor_stub: VendorStub, project: str
) -> None:
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    await world.has(customer(1))
    await world.drafts()
    await world.launches()
    (partition,) = world.takes("partitions")
    async with guarded_client_of(world.module, headers=world.push_headers) as deliver:
        answer = await deliver.post("/events/partitions", json=pushed(partition, CARRIED))
        assert answer.status_code == 204
        (chunk,) = broker.take_unhandled("chunks")
        push = pushed(base64.b64decode(chunk["data"]), chunk["attributes"])
        assert (await deliver.post("/events/chunks", json=push)).status_code == 204

    (headers,) = vendor_stub.headers
    assert headers[tracing.TRACEPARENT] == TRACE.traceparent
