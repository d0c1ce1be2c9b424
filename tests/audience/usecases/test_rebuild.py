"""A rebuild gives what the collections say, also while others write to them."""

import asyncio
from dataclasses import replace

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.store.compaction import FirestoreAudience
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases.compact import compact
from crm.audience.usecases.rebuild import rebuild, repair
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


async def test_it_needs_no_log_and_leaves_none_behind(database: AsyncClient) -> None:
    await shop(database)
    for name in await names(database, "audience_log"):
        await database.document(f"audience_log/{name}").delete()
    assert len(await wrong(database)) == 60

    await rebuild(store_of(database), FirestoreSource(database))

    assert await wrong(database) == []
    assert await names(database, "audience_state") == {"manifest"}


async def test_whoever_writes_meanwhile_is_in_it(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit falls between the reading of the customers and of their orders."""
    await shop(database)
    pages = FirestoreSource._order_pages

    async def later(self: FirestoreSource) -> object:
        await commit(database, [customer("C1", version=2)], [order("O-new", "C1")])
        await commit(database, [replace(erased(customer("C2"), NOW), version=2)])
        await commit(database, [customer("C99")], [order("O99", "C99")])
        async for page in pages(self):
            yield page

    monkeypatch.setattr(FirestoreSource, "_order_pages", later)
    await rebuild(FirestoreAudience(database), FirestoreSource(database))
    monkeypatch.undo()

    assert await wrong(database) == []
    await compact(store_of(database))
    assert await wrong(database) == []


async def test_it_waits_its_turn(database: AsyncClient) -> None:
    await shop(database)
    assert await store_of(database).lease()

    with pytest.raises(Conflict):
        await rebuild(store_of(database), FirestoreSource(database))


async def test_killed_it_leaves_what_was(database: AsyncClient) -> None:
    await shop(database)
    await compact(store_of(database))
    for number in (2, 3):  # the lease is the first write
        with killed_at(number), pytest.raises(Killed):
            await rebuild(store_of(database), FirestoreSource(database))
        await database.document("audience_state/lease").delete()
        assert await wrong(database) == []


async def test_a_repair_that_was_overtaken_gives_way(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop(database)
    await compact(store_of(database))
    store = store_of(database)
    write = FirestoreAudience.write

    async def overtaken(self: FirestoreAudience, partition: int, block: bytes) -> object:
        monkeypatch.undo()
        await commit(database, [customer("C1", version=2)])
        await compact(store_of(database))
        return await write(self, partition, block)

    monkeypatch.setattr(FirestoreAudience, "write", overtaken)

    with pytest.raises(Conflict):
        await asyncio.wait_for(repair(store, FirestoreSource(database), 0), 10)
    assert await wrong(database) == []
