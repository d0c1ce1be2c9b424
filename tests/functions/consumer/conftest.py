"""The consumer in process, what is pushed to it, and what it stored."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from crm.customers.changes import decode
from crm.customers.customer import Customer
from crm.customers.order import Order, totals
from crm.customers.store import customers as customer_documents
from crm.customers.store import orders as order_documents
from crm.customers.store.change_log import LOG
from crm.platform.firestore.client import client
from tests.support import client_of, load_function

DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def consumer(project: str, push_headers: dict[str, str]) -> AsyncIterator[httpx2.AsyncClient]:
    """The function in process, called as its subscription does."""
    async with client_of(load_function("consumer"), headers=push_headers) as caller:
        yield caller


def order(
    order_id: str = "O", customer_id: str = "C", amount: float | str = 10, day: int = 0, **more: Any
) -> dict[str, Any]:
    at = (DAY + timedelta(days=day)).isoformat()
    raw = {"order_id": order_id, "customer_id": customer_id, "amount": amount, "placed_at": at}
    return {**raw, "updated_at": at, **more}


def customer(customer_id: str = "C", day: int = 0, **fields: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "updated_at": (DAY + timedelta(days=day)).isoformat(), **fields}


def envelope(body: bytes, attributes: Mapping[str, str] | None = None) -> dict[str, Any]:
    message = {"data": base64.b64encode(body).decode(), "messageId": "1", "attributes": attributes or {}}
    return {"message": message, "subscription": "projects/p/subscriptions/records"}


async def push(consumer: httpx2.AsyncClient, kind: str, *records: Any) -> int:
    body = json.dumps({"kind": kind, "records": records}).encode()
    return (await consumer.post("/events/records", json=envelope(body))).status_code


async def deliver(instance: httpx2.AsyncClient, record: dict[str, Any]) -> None:
    """Push an order as the broker does: until it is acknowledged."""
    while await push(instance, "orders", record) != 204:
        pass


async def kept(project: str) -> tuple[dict[str, Customer], dict[str, Order]]:
    """All that is stored. Checks that totals are those of the orders."""
    people = [
        customer_documents.decode(row) for row in await documents(project, customer_documents.COLLECTION)
    ]
    orders = [order_documents.decode(row) for row in await documents(project, order_documents.COLLECTION)]
    for person in people:
        assert person.totals == totals(row for row in orders if row.customer_id == person.customer_id)
    return {row.customer_id: row for row in people}, {row.order_id: row for row in orders}


async def documents(project: str, collection: str) -> list[dict[str, Any]]:
    return [found.to_dict() or {} async for found in client(project).collection(collection).stream()]


async def logged(project: str) -> tuple[dict[str, int], dict[str, int]]:
    """The highest version of each customer and each order in the audience's log."""
    people: dict[str, int] = {}
    orders: dict[str, int] = {}
    for row in await documents(project, LOG):
        some_people, some_orders, _ = decode(row["payload"])
        for name, version in zip(
            some_people.get("customer_id", []), some_people.get("version", []), strict=True
        ):
            people[name] = max(version, people.get(name, 0))
        for name, version in zip(
            some_orders.get("order_id", []), some_orders.get("version", []), strict=True
        ):
            orders[name] = max(version, orders.get(name, 0))
    return people, orders
