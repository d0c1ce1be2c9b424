"""Sample data over HTTP."""

from typing import Any

import pytest

from crm.customers.packs import unpack
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.persist import PersistRecords
from crm.platform.firestore.client import client
from crm.platform.pubsub import Publisher
from tests.functions.campaigns.conftest import Api, person
from tests.support import no_pause

pytestmark = pytest.mark.emulator


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What reaches the broker, in place of the broker."""
    messages: list[bytes] = []

    async def publish(self: Publisher, topic: str, sent: list[bytes], attributes: Any = None) -> None:
        messages.extend(sent)

    monkeypatch.setattr(Publisher, "publish", publish)
    return messages


async def consumed(api: Api, published: list[bytes]) -> None:
    """What the consumer makes of it."""
    store = FirestoreRecords(client(api.project))
    for message in published:
        await PersistRecords(records=store, pause=no_pause)(unpack(message))
    published.clear()


async def test_the_sample_comes_once_goes_alone_and_comes_again(api: Api, published: list[bytes]) -> None:
    # Of these one has the tag and one the form of an id: both are real customers.
    await api.store([person(1, tags=("sample",)), person(2, customer_id="S-00007")])
    assert (await api.get("/overview")).json()["sample"] is False
    loaded = await api.post("/sample")
    assert (loaded.status_code, loaded.json()) == (202, {"customers": 200, "orders": 800})
    await api.post("/sample")
    await consumed(api, published)
    overview = (await api.get("/overview")).json()
    assert (overview["customers"], overview["orders"] > 600, overview["sample"]) == (202, True, True)

    assert (await api.call("DELETE", "/sample")).json() == {"removed": 200, "left": 0}
    overview = (await api.get("/overview")).json()
    assert (overview["customers"], overview["orders"], overview["sample"]) == (2, 0, False)
    assert (await api.call("DELETE", "/sample")).json() == {"removed": 0, "left": 0}

    await api.post("/sample")
    await consumed(api, published)
    assert (await api.get("/overview")).json()["customers"] == 202


async def test_a_viewer_neither_loads_nor_removes(api: Api) -> None:
    assert (await api.post("/sample", role="viewer")).status_code == 403
    assert (await api.call("DELETE", "/sample", "viewer")).status_code == 403
