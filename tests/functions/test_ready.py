"""Every function says that it cannot work while a dependency that it needs is away, and which."""

import asyncio
import os

import httpx2
import pytest

from crm.entry.health import READY
from crm.topology import FUNCTIONS, PUBLISHES
from devstack.broker import Broker
from devstack.processes import free_port
from tests.support import guarded_client_of, load_function

pytestmark = pytest.mark.emulator

SECRET = "a secret for tests that is long enough"
SETTINGS = {
    "CLIENT_ID": "client",
    "SESSION_SECRETS": SECRET,
    "ORIGINS": "http://localhost",
    "VENDOR_URL": "http://127.0.0.1:1",
    "VENDOR_KEY": SECRET,
    "WEBHOOK_KEY": SECRET,
    "WEBHOOK_URL": "http://127.0.0.1:1",
    "WEBHOOK_SECRET": "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g=",
    "WEBHOOK_SECRETS": "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g=",
}
PUBLISHING = {function for function in FUNCTIONS if PUBLISHES[function]}


@pytest.fixture(autouse=True)
def topics(project: str, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """An installation with all that its functions need."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"CRM_{name}", value)
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    for topic in {topic for published in PUBLISHES.values() for topic in published}:
        broker.create_topic(topic)
    return broker


async def asked() -> dict[str, httpx2.Response]:
    """What each function answers. All are asked concurrently, because each waits a while for its
    dependencies."""

    async def ask(function: str) -> httpx2.Response:
        async with guarded_client_of(load_function(function), timeout=60) as http:
            return await http.get(READY)

    return dict(zip(FUNCTIONS, await asyncio.gather(*map(ask, FUNCTIONS)), strict=True))


async def unready() -> dict[str, str]:
    """What the functions say that are not ready."""
    answers = await asked()
    assert all(answer.headers["retry-after"] for answer in answers.values() if answer.status_code == 503)
    assert {answer.status_code for answer in answers.values()} <= {200, 503}
    return {name: answer.json()["detail"] for name, answer in answers.items() if answer.status_code == 503}


async def test_all_are_ready_in_a_whole_installation() -> None:
    assert await unready() == {}


async def test_without_the_database_none_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{free_port()}")

    assert await unready() == dict.fromkeys(FUNCTIONS, "Not ready: no answer from the database.")


async def test_without_the_broker_those_that_publish_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{free_port()}")

    assert await unready() == dict.fromkeys(PUBLISHING, "Not ready: no answer from the broker.")


async def test_a_topic_that_is_missing_is_seen(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PROJECT", f"{project}-2")  # has a database, as every project of the emulator

    assert await unready() == dict.fromkeys(PUBLISHING, "Not ready: no answer from the broker.")
