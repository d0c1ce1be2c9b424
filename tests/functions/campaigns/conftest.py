"""The campaigns function on the emulators, with members of every role and a few customers."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import httpx2
import pytest
from google.cloud.firestore import AsyncClient

from crm.access.members import Role
from crm.customers.customer import Customer, Totals
from crm.customers.customer_key import customer_key
from crm.customers.order import Order
from crm.customers.store.dead_letters import DeadLetters
from crm.imports.store import FirestoreImports
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.platform.pubsub import Publisher
from crm.privacy.store.erasure_queue import ErasureQueue
from crm.privacy.usecases.finish_erasures import FinishErasures
from crm.segments.store.erasure import SegmentErasure
from tests.identity import ORIGIN, Issuer, session_headers
from tests.projection import commit
from tests.support import client_of, load_function

CLIENT_ID = "client-1"

WEBHOOK_KEY = "a key for tests that is long enough for that"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Api:
    """The function's HTTP client, and whom to call as."""

    project: str
    http: httpx2.AsyncClient
    roles: dict[Role, dict[str, str]]

    async def call(self, method: str, path: str, role: Role = "marketer", **options: Any) -> httpx2.Response:
        """One request as a member of this role."""
        headers = {**self.roles[role], **options.pop("headers", {})}
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    async def get(self, path: str, role: Role = "marketer", **options: Any) -> httpx2.Response:
        return await self.call("GET", path, role, **options)

    async def post(self, path: str, body: Any = None, role: Role = "marketer") -> httpx2.Response:
        return await self.call("POST", path, role, json=body)

    async def store(self, people: Sequence[Customer], placed: Sequence[Order] = ()) -> None:
        """What the consumer would have written."""
        await commit(client(self.project), people, placed)


async def finish_erasures(database: AsyncClient) -> None:
    """Do what the tick does, without waiting until the erasures have settled."""
    finish = FinishErasures(
        queue=ErasureQueue(database),
        segments=SegmentErasure(database),
        imports=FirestoreImports(database),
        letters=DeadLetters(database),
        settled=timedelta(0),
    )
    await finish(now())


@pytest.fixture
def function(
    project: str, issuer: Issuer, session_secret: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], ModuleType]:
    """Loads the function with the settings that stand in the environment by then."""
    monkeypatch.setenv("CRM_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("CRM_WEBHOOK_KEY", WEBHOOK_KEY)
    monkeypatch.setenv("CRM_ORIGINS", f"{ORIGIN},http://other.test")
    return lambda: load_function("campaigns")


@pytest.fixture
async def api(project: str, function: Callable[[], ModuleType]) -> AsyncIterator[Api]:
    """The function, with a member of every role."""
    roles: dict[Role, dict[str, str]] = {
        "viewer": await session_headers(project, "viewer"),
        "marketer": await session_headers(project, "marketer"),
        "admin": await session_headers(project, "admin"),
    }
    async with client_of(function()) as http:
        yield Api(project, http, roles)


def page_of(customer_id: str) -> str:
    """The path of a customer."""
    return f"/customers/{customer_key(customer_id)}"


def person(number: int, **fields: Any) -> Customer:
    """A known customer with an e-mail address."""
    return Customer(
        **{
            "customer_id": f"C-{number}",
            "known": True,
            "email": f"c{number}@example.com",
            "name": f"Customer {number}",
            "visits": number,
            "totals": Totals(total_spend=number * 10_000),
            "version": 1,
            **fields,
        }
    )


def order(number: int, customer_id: str, **fields: Any) -> Order:
    """A completed order, an hour after the one before."""
    at = NOW + timedelta(hours=number)
    return Order(
        **{
            "order_id": f"O-{number}",
            "customer_id": customer_id,
            "amount": 123_400,
            "currency": "GBP",
            "status": "completed",
            "category": "shoes",
            "placed_at": at,
            "updated_at": at,
            "version": 1,
            **fields,
        }
    )


def paths(answer: httpx2.Response) -> list[str]:
    """The paths that a problem names."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return [error["path"] for error in answer.json().get("errors", [])]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What reaches the broker, in place of the broker."""
    messages: list[bytes] = []

    async def publish(self: Publisher, topic: str, sent: list[bytes], attributes: Any = None) -> None:
        assert topic == "records"
        messages.extend(sent)

    monkeypatch.setattr(Publisher, "publish", publish)
    return messages
