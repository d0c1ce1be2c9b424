"""Blocks and logs that are damaged, or gone while they are read: never a smaller audience."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from google.cloud.firestore import SERVER_TIMESTAMP, AsyncClient

from crm.audience.engine.people import everybody, orders_of
from crm.audience.store.blocks import AudienceBlocks
from crm.audience.store.reader import AudienceReader
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases.compact import Compact
from crm.audience.usecases.rebuild import Rebuild
from crm.customers.customer import erased
from crm.customers.store.change_log import LOG
from crm.kernel.errors import Unavailable
from tests.projection import NOW, commit, customer, names, order, store_of

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def ids(reader: AudienceReader) -> list[str]:
    return sorted(each.customer_id for each in everybody(await reader.snapshot()))


async def test_blocks_deleted_during_a_read_are_read_from_the_newer_manifest(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await commit(database, [customer("C1")])
    await Compact(store=store_of(database))()
    read = AudienceBlocks.read
    moved = False

    async def late(self: AudienceBlocks, manifest: Any, partitions: Any) -> list[bytes]:
        nonlocal moved
        if not moved:
            moved = True
            await commit(database, [replace(erased(customer("C1"), NOW), version=2), customer("C2")])
            await Compact(store=store_of(database))()
        return await read(self, manifest, partitions)

    monkeypatch.setattr(AudienceBlocks, "read", late)

    with caplog.at_level(logging.ERROR):
        assert await ids(AudienceReader(database)) == ["C2"]
    assert "damaged" not in caplog.text


@pytest.mark.parametrize("harm", ["changed", "missing", "undecodable"])
async def test_a_damaged_block_is_logged_and_repaired_before_any_answer(
    database: AsyncClient, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    people = [customer(f"C{number}") for number in range(50)]
    await commit(database, people, [order(f"O{number}", f"C{number}") for number in range(50)])
    await Compact(store=store_of(database))()
    (name,) = await names(database, "audience_blocks")
    block = database.document(f"audience_blocks/{name}")
    if harm == "missing":
        await block.delete()
    elif harm == "changed":
        payload = (await block.get()).get("payload")
        await block.update({"payload": payload[:-1] + b"!"})
    else:
        seen = await store_of(database).manifest()
        assert seen.row is not None
        pieces = await store_of(database).write(0, b"no block at all")
        await store_of(database).switch(seen, seen.row.with_blocks({0: pieces}))
        name = pieces[0].name

    snapshot = await AudienceReader(database).snapshot()

    assert snapshot.total == 50
    assert all(len(orders_of(snapshot, each.customer_id)) == 1 for each in people)
    assert f"block {name} of partition 0" in caplog.text
    caplog.clear()
    assert (await AudienceReader(database).snapshot()).total == 50
    assert name not in caplog.text


async def test_a_block_that_cannot_be_repaired_makes_the_audience_unavailable(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await commit(database, [customer("C1")])
    await Compact(store=store_of(database))()
    for name in await names(database, "audience_blocks"):
        await database.document(f"audience_blocks/{name}").delete()

    async def away(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(FirestoreSource, "partition", away)

    with pytest.raises(Unavailable):
        await AudienceReader(database).snapshot()


async def test_a_damaged_log_makes_the_audience_unavailable_until_a_rebuild(
    database: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await commit(database, [customer("C1"), customer("C2")])
    reader = AudienceReader(database)
    await reader.snapshot()
    for name in await names(database, LOG):
        await database.document(f"{LOG}/{name}").delete()
    await database.collection(LOG).add({"at": SERVER_TIMESTAMP, "payload": b"damage"})

    for each in (reader, AudienceReader(database)):
        with pytest.raises(Unavailable):
            await each.snapshot()
    assert "does not unpack" in caplog.text

    await Rebuild(store=store_of(database), source=FirestoreSource(database))()
    assert await ids(AudienceReader(database)) == ["C1", "C2"]
