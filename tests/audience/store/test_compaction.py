"""Compaction against the Firestore emulator: whatever happens, the projection is what its source says."""

import random
from dataclasses import replace

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.projection import manifest as manifests
from crm.audience.projection.manifest import partition_of
from crm.audience.store import audience, blocks
from crm.audience.store.audience import FirestoreAudience
from crm.audience.usecases.compact import Compact, Compacted
from crm.customers.customer import erased
from crm.kernel.ids import document_id
from tests.audience.store.shops import LARGE, SMALL, readable, settle, shop
from tests.projection import (
    NOW,
    all_documents,
    commit,
    customer,
    names,
    order,
    store_of,
    wrong,
)

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def test_an_empty_database_stays_empty(database: AsyncClient) -> None:
    assert await Compact(store=store_of(database))() == Compacted()
    assert await names(database, "audience_state") == set()


async def test_folding_keeps_every_row(database: AsyncClient) -> None:
    await shop(database)

    done = await Compact(store=store_of(database))()

    assert done == Compacted(documents=4, customers=40, orders=39, partitions=1)
    assert await wrong(database) == []


async def test_a_second_folding_applies_changes_to_the_blocks(database: AsyncClient) -> None:
    await shop(database)
    await settle(database)
    await commit(database, [customer("C1", version=2, city="Leeds")], [order("O-new", "C1")])

    done = await Compact(store=store_of(database))()

    assert done is not None
    assert (done.documents, done.customers) == (1, 1)
    assert await wrong(database) == []


async def test_nothing_new_writes_nothing(database: AsyncClient) -> None:
    await shop(database)
    await settle(database)
    before = {path: fields async for path, fields in all_documents(database)}

    await settle(database)

    assert {path: fields async for path, fields in all_documents(database)} == before


async def test_folded_documents_stay_for_one_more_compaction(database: AsyncClient) -> None:
    await shop(database)
    log = await names(database, "audience_log")
    await Compact(store=store_of(database))()
    before = await names(database, "audience_blocks")
    assert await names(database, "audience_log") == log

    await commit(database, [customer("C1", version=2)])
    await Compact(store=store_of(database))()
    assert len(await names(database, "audience_log")) == 1
    assert before < await names(database, "audience_blocks")

    await commit(database, [customer("C1", version=3)])
    await Compact(store=store_of(database))()
    assert not before & await names(database, "audience_blocks")
    assert await wrong(database) == []


async def test_unsettled_documents_are_not_folded(database: AsyncClient) -> None:
    await shop(database)

    assert await Compact(store=FirestoreAudience(database))() == Compacted()


async def test_a_long_log_is_folded_part_by_part(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "PAGE", 2)
    monkeypatch.setattr(audience, "MAX_FOLDED_DOCUMENTS", 3)
    await shop(database, 100)

    first = await Compact(store=store_of(database))()

    assert first is not None
    assert first.more
    assert await wrong(database) == []
    await settle(database)
    assert await wrong(database) == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions of some customers only, so that few customers make many."""
    monkeypatch.setattr(manifests, "TARGET", SMALL)


@pytest.mark.usefixtures("small")
async def test_partitions_grow_with_the_blocks(database: AsyncClient) -> None:
    store = store_of(database)
    await shop(database)
    await settle(database)
    few = (await store.manifest()).row

    await shop(database, 600)
    await settle(database)

    many = (await store.manifest()).row
    assert few is not None
    assert many is not None
    assert len(many.blocks) > len(few.blocks)
    assert await wrong(database) == []


@pytest.mark.usefixtures("small")
async def test_only_partitions_that_change_are_written(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(database)
    await shop(database, 400)
    await settle(database)
    monkeypatch.setattr(manifests, "TARGET", LARGE)
    before = (await store.manifest()).row
    await commit(database, [customer("C7", version=2)])

    await settle(database)

    after = (await store.manifest()).row
    assert before is not None
    assert after is not None
    changed = [n for n in range(len(before.blocks)) if before.blocks[n] != after.blocks[n]]
    assert len(before.blocks) > 1
    assert changed == [partition_of("C7", len(before.blocks))]


@pytest.mark.usefixtures("small")
async def test_an_order_that_moves_to_another_partition_is_in_that_one_only(database: AsyncClient) -> None:
    await shop(database, 400)
    await settle(database)
    manifest = (await store_of(database).manifest()).row
    assert manifest is not None
    count = len(manifest.blocks)
    other = next(n for n in range(200) if partition_of(f"C{n}", count) != partition_of("C1", count))

    await commit(
        database,
        [customer("C1", version=2), customer(f"C{other}", version=2)],
        [order("O1-0", f"C{other}", 2)],
    )
    await settle(database)

    assert await wrong(database) == []
    manifest = (await store_of(database).manifest()).row
    assert manifest is not None
    rows = [await store_of(database).rows(manifest, n) for n in range(len(manifest.blocks))]
    assert [len(part.orders.filter(order_id="O1-0")) for part in rows].count(1) == 1
    assert sum(len(part.orders.filter(order_id="O1-0")) for part in rows) == 1


@pytest.mark.usefixtures("small")
async def test_an_order_of_an_erased_customer_may_return_with_another(database: AsyncClient) -> None:
    """Its versions begin at 1 again, because the order was deleted with the customer."""
    await commit(database, [customer("C1"), customer("C2")], [order("O1", "C1", version=3)])
    await settle(database)
    await database.document(f"orders/{document_id('O1')}").delete()
    await commit(database, [replace(erased(customer("C1"), NOW), version=2)])
    await commit(database, [customer("C2", version=2)], [order("O1", "C2", version=1)])
    assert await wrong(database) == []

    await settle(database)

    assert await wrong(database) == []


async def test_a_customer_with_more_orders_than_a_document_takes(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MAX_PIECE", 2_000)
    monkeypatch.setattr(blocks, "MAX_COMMIT", 5_000)
    whims = random.Random(1)
    for _ in range(4):
        placed = [order(f"{whims.getrandbits(64):x}", "C1") for _ in range(300)]
        await commit(database, [customer("C1")], placed)

    await settle(database)

    stored = {path: fields async for path, fields in all_documents(database) if "blocks" in path}
    assert len(stored) > 5
    assert all(len(fields["payload"]) <= 2_000 for fields in stored.values())
    assert await wrong(database) == []


async def test_the_next_compaction_removes_every_trace_of_an_erased_customer(database: AsyncClient) -> None:
    # Longer than the twelve bytes that are stored within a row.
    mira = customer("id-of-mira@example.com", email="mira@example.com", name="Mira of the long name")
    others = [
        customer(f"id-of-{n}@example.com", email=f"other-{n}@example.com", name=f"A longer name {n}")
        for n in range(9)
    ]
    await commit(database, [mira, *others], [order("O1", mira.customer_id)])
    await settle(database)
    await commit(database, [replace(mira, version=2, city="Leeds")])
    await settle(database)
    await commit(database, [replace(erased(mira, NOW), version=3)])
    await commit(database, [customer("C3")])

    await settle(database)

    left = [path async for path, fields in all_documents(database) if b"ira" in readable(fields)]
    assert left == []
    assert await names(database, "audience_log") == set()


@pytest.mark.parametrize("harm", ["changed", "missing"])
async def test_folding_logs_and_replaces_a_damaged_block(
    database: AsyncClient, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    await shop(database)
    await settle(database)
    (name,) = await names(database, "audience_blocks")
    block = database.document(f"audience_blocks/{name}")
    await (block.delete() if harm == "missing" else block.update({"payload": b"rubbish"}))
    assert len(await wrong(database)) > 40
    await commit(database, [customer("C1", version=2)])

    await settle(database)

    assert await wrong(database) == []
    assert name in caplog.text
