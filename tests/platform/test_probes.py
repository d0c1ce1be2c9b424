"""Probes of real dependencies: there, away, and there without what we need of it."""

import os

import pytest
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Unavailable
from crm.platform import probes
from crm.platform.firestore.client import client
from crm.platform.pubsub import Publisher
from devstack.broker import Broker
from devstack.processes import free_port

pytestmark = pytest.mark.emulator


async def test_a_database_that_is_there_answers(project: str) -> None:
    await probes.of_database(lambda: client(project))()


@pytest.mark.usefixtures("brief_retries")
async def test_a_database_that_is_away_does_not(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    away = AsyncClient(project=project)

    with pytest.raises(Unavailable):
        await probes.of_database(lambda: away)()


async def test_every_topic_must_be_there(project: str) -> None:
    publisher = Publisher(project, "mine-")
    ask = probes.of_topics(lambda: publisher, "records", "receipts")
    broker = Broker(os.environ["PUBSUB_EMULATOR_HOST"], project)
    broker.create_topic("mine-records")
    with pytest.raises(Unavailable, match="receipts"):
        await ask()

    broker.create_topic("mine-receipts")
    await ask()
