"""Poison, and what the broker gave up on: kept with its reason, stopping nobody."""

import asyncio
import json

import httpx2
import pytest

from crm.platform.firestore.client import client
from tests.functions.consumer.conftest import (
    customer,
    documents,
    envelope,
    kept,
    order,
    push,
)

pytestmark = pytest.mark.emulator


async def test_a_poisoned_record_is_kept_with_its_reason_and_stops_no_other(
    project: str, consumer: httpx2.AsyncClient
) -> None:
    broken = b"\xff\x00 not JSON"
    pushes = [
        consumer.post("/events/records", json=envelope(broken)),
        consumer.post("/events/records", json=envelope(b'{"kind":"fruit","records":[]}')),
    ]
    bad = order("bad", amount="NaN")
    answers = await asyncio.gather(
        *pushes,
        push(consumer, "orders", order("good"), bad, 5),
        push(consumer, "customers", customer("D"), {"customer_id": "unstamped"}),
    )

    assert [getattr(answer, "status_code", answer) for answer in answers] == [204] * 4
    people, orders = await kept(project)
    assert (set(people), set(orders)) == ({"C", "D"}, {"good"})
    letters = {str(row["payload"]): row for row in await documents(project, "dead_letters")}
    assert len(letters) == 5
    assert letters[json.dumps(bad, sort_keys=True)]["reason"].startswith("records.1.amount: ")
    assert letters[str(broken)]["source"] == "records"
    assert letters['{"customer_id":"unstamped"}']["reason"] == "updated_at: is missing"


async def test_identical_poison_is_one_letter_that_says_how_often_it_came(
    project: str, consumer: httpx2.AsyncClient
) -> None:
    same = {"customer_id": "C"}
    assert await push(consumer, "customers", same, same) == 204
    assert await push(consumer, "orders", same) == 204

    letters = await documents(project, "dead_letters")
    assert {(row["attributes"]["kind"], row["times"]) for row in letters} == {("customers", 2), ("orders", 1)}


async def test_a_dead_letter_of_pubsub_is_kept_once(project: str, consumer: httpx2.AsyncClient) -> None:
    attributes = {
        "CloudPubSubDeadLetterSourceSubscription": "chunks",
        "CloudPubSubDeadLetterSourceDeliveryCount": "20",
    }
    for _ in range(2):
        body = envelope(b'{"campaign_id":"x"}', attributes)
        assert (await consumer.post("/events/dead-letters", json=body)).status_code == 204

    (found,) = [row async for row in client(project).collection("dead_letters").stream()]
    row = found.to_dict() or {}
    assert (row["source"], row["payload"], row["attributes"]) == ("chunks", '{"campaign_id":"x"}', attributes)
    assert row["times"] == 2
    assert "20 deliveries" in row["reason"]


@pytest.mark.parametrize("name", ["", "__name__", "a`b", "é", " ", "x" * 5_000])
async def test_an_attribute_that_the_database_refuses_is_left_out(
    project: str, consumer: httpx2.AsyncClient, name: str
) -> None:
    body = envelope(b"spoiled", {name: "odd", "kept": "yes"})
    assert (await consumer.post("/events/dead-letters", json=body)).status_code == 204
    (row,) = await documents(project, "dead_letters")
    assert row["attributes"] == {"kept": "yes"}
