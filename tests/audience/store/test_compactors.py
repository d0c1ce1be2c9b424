"""Compactors that are killed, compete, or fall asleep: whatever happens, no row is lost."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.projection import manifest as manifests
from crm.audience.store import compaction
from crm.audience.store.compaction import FirestoreAudience
from crm.audience.usecases.compact import compact
from crm.customers.customer import erased
from crm.platform import clock
from crm.platform.firestore import documents
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


async def test_killed_before_any_write_nothing_is_lost_and_the_next_one_tidies_up(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writes of a compaction that folds, grows, erases and deletes; the process dies before each."""
    monkeypatch.setattr(compaction, "LEASE_TIME", timedelta(0))
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
            await compact(store_of(database))
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


async def test_two_at_once_fold_once(database: AsyncClient) -> None:
    await shop(database)

    done = await asyncio.gather(*(compact(store_of(database)) for _ in range(3)))

    assert [each for each in done if each is not None and each.documents] != []
    assert sum(each is None for each in done) == 2
    assert await wrong(database) == []


async def test_without_a_lease_two_at_once_still_do_no_harm(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FirestoreAudience, "lease", lambda self: _true())
    monkeypatch.setattr(FirestoreAudience, "release", lambda self: _true())
    for number in range(4):
        await commit(
            database, [customer(f"C{number}", version=number + 1), customer("C", version=number + 1)]
        )
        await asyncio.gather(*(compact(store_of(database)) for _ in range(3)))
        assert await wrong(database) == []


async def _true() -> bool:
    return True


async def test_a_lease_that_ran_out_is_taken_over(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await store_of(database).lease()
    assert not await store_of(database).lease()
    monkeypatch.setattr(compaction, "LEASE_TIME", timedelta(0))
    await database.document("audience_state/lease").update({"until": NOW})

    assert await store_of(database).lease()


async def test_a_lease_lasts_as_long_as_the_work_and_no_longer_than_the_process(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = NOW
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(compaction, "RENEW_EVERY", timedelta(seconds=0.02))
    working, other = store_of(database), store_of(database)
    lease = database.document("audience_state/lease")
    assert await working.lease()
    for _ in range(5):
        now += compaction.LEASE_TIME * 0.9
        async with asyncio.timeout(60):
            while (await lease.get()).get("until") != now + compaction.LEASE_TIME:  # noqa: ASYNC110  # the renewal tells nobody
                await asyncio.sleep(0.01)
        assert not await other.lease()

    assert working._renewal is not None
    working._renewal.cancel()  # as with the process
    await asyncio.wait([working._renewal])
    now += compaction.LEASE_TIME

    assert await other.lease()
    await other.release()
    assert await working.lease()


@pytest.mark.parametrize("number", range(2, 8))
async def test_a_compactor_that_falls_asleep_before_a_write_does_no_harm_when_it_awakes(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Its lease runs out meanwhile, and others compact twice, so that what was there goes."""
    monkeypatch.setattr(manifests, "TARGET", SMALL)
    await shop(database, 20)
    await settle(database)
    await shop_more(database)
    sent = 0
    send = documents.Commit.send

    async def slowly(self: documents.Commit) -> list[Any]:
        nonlocal sent
        sent += 1
        if sent == number:
            monkeypatch.setattr(documents.Commit, "send", send)
            await database.document(compaction.LEASE).update({"until": NOW})
            for version in (2, 3):
                await commit(database, [customer("C2", version=version), customer("C3", version=version)])
                await settle(database)
        return await send(self)

    monkeypatch.setattr(documents.Commit, "send", slowly)

    await compact(store_of(database))

    assert sent >= number
    assert await wrong(database) == []
    monkeypatch.setattr(manifests, "TARGET", LARGE)
    await commit(database, [customer("C4", version=2)])
    await settle(database)
    assert await wrong(database) == []
