"""An unreachable dependency raises Unavailable within seconds; the libraries would retry for minutes."""

import time
from collections.abc import Awaitable

import pytest

from crm.access.store.api_keys import ApiKeys
from crm.kernel.errors import Unavailable
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.platform.pubsub import Publisher
from tests.waiting import PATIENCE


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch: pytest.MonkeyPatch, brief_retries: None) -> None:
    for name in ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"):
        monkeypatch.setenv(name, "127.0.0.1:9")


async def raises_unavailable(call: Awaitable[object]) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await call
    assert time.monotonic() - began < PATIENCE


async def test_publishing() -> None:
    await raises_unavailable(Publisher("away").publish("records", [b"x"]))


async def test_reading_ready_made() -> None:
    await raises_unavailable(documents.get_many(client("away-1"), ["a/b"]))


async def test_committing() -> None:
    commit = Commit(client("away-2"))
    commit.create("a/b", {})
    await raises_unavailable(commit.send())


async def test_reading_by_the_library() -> None:
    await raises_unavailable(ApiKeys(client("away-3")).find("00"))
