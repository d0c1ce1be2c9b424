"""One process at a time holds the lease, for as long as it works and lives."""

import asyncio
from datetime import timedelta

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.store import lease
from crm.audience.store.lease import LEASE, LEASE_TIME, CompactionLease
from crm.platform import clock
from tests.projection import NOW

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def test_an_expired_lease_is_taken_over(database: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await CompactionLease(database).acquire()
    assert not await CompactionLease(database).acquire()
    monkeypatch.setattr(lease, "LEASE_TIME", timedelta(0))
    await database.document(LEASE).update({"until": NOW})

    assert await CompactionLease(database).acquire()


async def test_a_lease_is_renewed_while_its_process_lives(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = NOW
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(lease, "RENEW_EVERY", timedelta(seconds=0.02))
    working, other = CompactionLease(database), CompactionLease(database)
    document = database.document(LEASE)
    before = asyncio.all_tasks()
    assert await working.acquire()
    renewal = asyncio.all_tasks() - before
    for _ in range(5):
        now += LEASE_TIME * 0.9
        async with asyncio.timeout(60):
            while (await document.get()).get("until") != now + LEASE_TIME:  # noqa: ASYNC110  # a renewal is silent
                await asyncio.sleep(0.01)
        assert not await other.acquire()

    for task in renewal:
        task.cancel()  # as when the process is killed
    await asyncio.wait(renewal)
    now += LEASE_TIME

    assert await other.acquire()
    await other.release()
    assert await working.acquire()
