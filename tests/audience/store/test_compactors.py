"""Compactors that are killed, compete, or fall asleep: whatever happens, no row is lost."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.projection import manifest as manifests
from crm.audience.store import lease
from crm.audience.store.audience import FirestoreAudience
from crm.audience.usecases.compact import Compact
from crm.customers.customer import erased
from crm.platform.firestore.commits import Commit
from tests.audience.store.shops import LARGE, SMALL, readable, settle, shop, shop_more
from tests.projection import (
    NOW,
    Killed,
    all_documents,
    commit,
    customer,
    killed_at,
    names,
    store_of,
    wrong,
)

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def test_a_compaction_killed_before_any_write_loses_nothing_and_the_next_cleans_up(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writes of a compaction that folds, grows, erases and deletes; the process dies before each."""
    monkeypatch.setattr(lease, "LEASE_TIME", timedelta(0))
    number = 0
    while True:
        number += 1
        monkeypatch.setattr(manifests, "TARGET", SMALL)
        database = AsyncClient(project=f"{project}-{number}")
        await shop(database, 20)
        await settle(database)
        gone = customer("C1", version=2, email="gone@example.com")
        await commit(database, [gone])
        await commit(database, [replace(erased(gone, NOW), version=3), customer("C2", version=2)])
        await shop_more(database)
        with killed_at(number) as died, suppress(Killed):
            await Compact(store=store_of(database))()
        assert await wrong(database) == []

        await settle(database)

        assert await wrong(database) == []
        assert not [path async for path, fields in all_documents(database) if b"gone@" in readable(fields)]
        if not died():
            break
        monkeypatch.setattr(manifests, "TARGET", LARGE)
        for version in (3, 4):
            await commit(database, [customer("C2", version=version)])
            await settle(database)
        manifest = (await store_of(database).manifest()).row
        assert manifest is not None
        # One old version of the partition of C2 is still kept, and nothing else.
        assert len(await names(database, "audience_blocks") - manifest.names) == 1
    assert number > 6


async def test_concurrent_compactions_fold_once(database: AsyncClient) -> None:
    await shop(database)

    done = await asyncio.gather(*(Compact(store=store_of(database))() for _ in range(3)))

    assert [each for each in done if each is not None and each.documents] != []
    assert sum(each is None for each in done) == 2
    assert await wrong(database) == []


async def test_without_a_lease_concurrent_compactions_do_no_harm(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FirestoreAudience, "lease", lambda self: _true())
    monkeypatch.setattr(FirestoreAudience, "release", lambda self: _true())
    for number in range(4):
        await commit(
            database, [customer(f"C{number}", version=number + 1), customer("C", version=number + 1)]
        )
        await asyncio.gather(*(Compact(store=store_of(database))() for _ in range(3)))
        assert await wrong(database) == []


async def _true() -> bool:
    return True


@pytest.mark.parametrize("number", range(2, 8))
async def test_a_compaction_suspended_before_a_write_does_no_harm_later(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Its lease runs out meanwhile, and others compact twice, so that what was there goes."""
    monkeypatch.setattr(manifests, "TARGET", SMALL)
    await shop(database, 20)
    await settle(database)
    await shop_more(database)
    sent = 0
    send = Commit.send

    async def slowly(self: Commit) -> list[Any]:
        nonlocal sent
        sent += 1
        if sent == number:
            monkeypatch.setattr(Commit, "send", send)
            await database.document(lease.LEASE).update({"until": NOW})
            for version in (2, 3):
                await commit(database, [customer("C2", version=version), customer("C3", version=version)])
                await settle(database)
        return await send(self)

    monkeypatch.setattr(Commit, "send", slowly)

    await Compact(store=store_of(database))()

    assert sent >= number
    assert await wrong(database) == []
    monkeypatch.setattr(manifests, "TARGET", LARGE)
    await commit(database, [customer("C4", version=2)])
    await settle(database)
    assert await wrong(database) == []
