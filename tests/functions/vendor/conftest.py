"""The simulated vendor in process, and the topics that it publishes to."""

import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from devstack.broker import Broker
from tests.support import client_of, load_function

SECRET = "whsec_" + base64.b64encode(b"v" * 24).decode()

KEY = {"Authorization": "Bearer the vendor's key"}

Vendor = Callable[..., httpx2.AsyncClient]


@pytest.fixture
async def vendor(
    project: str, push_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    """Makes the function in process, with the knobs that are given, and a client that has the key."""
    made: list[httpx2.AsyncClient] = []

    def make(**knobs: Any) -> httpx2.AsyncClient:
        given = {
            "vendor_key": "the vendor's key",
            "webhook_url": "http://127.0.0.1:9",
            "webhook_secret": SECRET,
        }
        for name, value in {**given, **knobs}.items():
            monkeypatch.setenv(f"CRM_{name.upper()}", str(value))
        made.append(client_of(load_function("vendor"), headers=KEY))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


@pytest.fixture(autouse=True)
def broker(project: str) -> Broker:
    """The broker, with the topics and subscriptions of the same names that nobody pushes from."""
    made = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in ("vendor-callbacks", "receipts"):
        made.create_topic(topic)
        made.create_subscription(topic, {"topic": made.topic_name(topic)})
    return made


def message(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "channel": "simulator", "to": f"{name}@example.com", "body": f"Hi {name}", **fields}


async def send(vendor: httpx2.AsyncClient, *names: str) -> httpx2.Response:
    return await vendor.post("/v1/messages", json={"messages": [message(name) for name in names]})


async def ledger_of(vendor: httpx2.AsyncClient, *names: str) -> dict[str, tuple[str, int]]:
    response = await vendor.get("/v1/ledger", params={"ids": ",".join(names)})
    return {m["id"]: (m["status"], m["offered"]) for m in response.json()["messages"]}


def queued(broker: Broker, topic: str = "vendor-callbacks") -> list[dict[str, Any]]:
    return [json.loads(base64.b64decode(m["data"])) for m in broker.take_unhandled(topic)]


def receipts(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((r["message_id"], r["status"]) for m in messages for r in m["receipts"])
