"""A rebuild gives what the collections say, also while others write to them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.engine.tables import Tables
from crm.audience.projection.manifest import Piece
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases.compact import Compact
from crm.audience.usecases.rebuild import Rebuild
from crm.audience.usecases.repair import Repair
from crm.customers.customer import erased
from crm.kernel.errors import Conflict
from tests.projection import NOW, Killed, commit, customer, killed_at, names, order, store_of, wrong

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def shop(database: AsyncClient) -> None:
    for begin in range(0, 30, 10):
        numbers = range(begin, begin + 10)
        people = [customer(f"C{number}") for number in numbers]
        await commit(database, people, [order(f"O{number}", f"C{number}") for number in numbers])


async def test_a_rebuild_needs_no_log_and_leaves_none(database: AsyncClient) -> None:
    await shop(database)
    for name in await names(database, "audience_log"):
        await database.document(f"audience_log/{name}").delete()
    assert len(await wrong(database)) == 60

    await Rebuild(store=store_of(database), source=FirestoreSource(database))()

    assert await wrong(database) == []
    assert await names(database, "audience_state") == {"manifest"}


class WrittenMeanwhile(FirestoreSource):
    """Customers and orders are written between the reading of the customers and of the orders."""

    async def orders(self) -> Tables:
        await commit(self._client, [customer("C1", version=2)], [order("O-new", "C1")])
        await commit(self._client, [replace(erased(customer("C2"), NOW), version=2)])
        await commit(self._client, [customer("C99")], [order("O99", "C99")])
        return await super().orders()


async def test_a_rebuild_includes_concurrent_writes(database: AsyncClient) -> None:
    await shop(database)

    await Rebuild(store=FirestoreAudience(database), source=WrittenMeanwhile(database))()

    assert await wrong(database) == []
    await Compact(store=store_of(database))()
    assert await wrong(database) == []


async def test_a_rebuild_is_refused_during_a_compaction(database: AsyncClient) -> None:
    await shop(database)
    assert await store_of(database).lease()

    with pytest.raises(Conflict):
        await Rebuild(store=store_of(database), source=FirestoreSource(database))()


async def test_a_killed_rebuild_changes_nothing(database: AsyncClient) -> None:
    await shop(database)
    await Compact(store=store_of(database))()
    for number in (2, 3):  # the lease is the first write
        with killed_at(number), pytest.raises(Killed):
            await Rebuild(store=store_of(database), source=FirestoreSource(database))()
        await database.document("audience_state/lease").delete()
        assert await wrong(database) == []


class Overtaken(FirestoreAudience):
    """Another compaction replaces the manifest just before the first block is written."""

    async def write(self, partition: int, block: bytes) -> tuple[Piece, ...]:
        await commit(self._client, [customer("C1", version=2)])
        await Compact(store=store_of(self._client))()
        return await super().write(partition, block)


async def test_a_repair_yields_to_a_concurrent_compaction(database: AsyncClient) -> None:
    await shop(database)
    await Compact(store=store_of(database))()
    store = Overtaken(database, settled=timedelta(0))

    with pytest.raises(Conflict):
        await asyncio.wait_for(Repair(store=store, source=FirestoreSource(database))(0), 60)
    assert await wrong(database) == []
