"""Compaction against the Firestore emulator: whatever happens, the projection is what its source says."""

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from crm.adapters.firestore import audience_blocks, audience_store, raw
from crm.adapters.firestore.audience_store import FirestoreAudience
from crm.audience import manifest as manifests
from crm.audience.manifest import partition_of
from crm.domain.customers import erased
from crm.domain.ids import document_id
from crm.usecases.compact import Compacted, compact
from tests.projection import (
    NOW,
    Killed,
    commit,
    customer,
    documents,
    killed_at,
    names,
    order,
    store_of,
    wrong,
)

pytestmark = pytest.mark.emulator


SMALL = 20_000
LARGE = 1_000_000
"""Bytes of a partition on average. A block without customers has 12,000."""


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def shop(database: AsyncClient, customers: int = 40) -> None:
    """Some commits, with orders and a customer erased among them."""
    for begin in range(0, customers, 10):
        numbers = range(begin, min(begin + 10, customers))
        await commit(
            database,
            [customer(f"C{n}", email=_address(n), tags=("vip",) if n % 3 else ()) for n in numbers],
            [order(f"O{n}-{k}", f"C{n}") for n in numbers for k in range(n % 3)],
        )


def _address(number: int) -> str:
    """One that does not pack well."""
    return f"{sha256(str(number).encode()).hexdigest()}@example.com"


async def settle(database: AsyncClient) -> None:
    """Compact until nothing is left to do."""
    while True:
        done = await compact(store_of(database))
        assert done is not None
        if not done.documents:
            return


async def test_an_empty_database_is_left_alone(database: AsyncClient) -> None:
    assert await compact(store_of(database)) == Compacted()
    assert await names(database, "audience_state") == set()


async def test_folding_keeps_every_row(database: AsyncClient) -> None:
    await shop(database)

    done = await compact(store_of(database))

    assert done == Compacted(documents=4, customers=40, orders=39, partitions=1)
    assert await wrong(database) == []


async def test_a_second_folding_lays_changes_over_what_is_there(database: AsyncClient) -> None:
    await shop(database)
    await settle(database)
    await commit(database, [customer("C1", version=2, city="Leeds")], [order("O-new", "C1")])

    done = await compact(store_of(database))

    assert done is not None
    assert (done.documents, done.customers) == (1, 1)
    assert await wrong(database) == []


async def test_nothing_new_writes_nothing(database: AsyncClient) -> None:
    await shop(database)
    await settle(database)
    before = {path: fields async for path, fields in documents(database)}

    await settle(database)

    assert {path: fields async for path, fields in documents(database)} == before


async def test_what_is_folded_stays_for_one_more_compaction(database: AsyncClient) -> None:
    await shop(database)
    log = await names(database, "audience_log")
    await compact(store_of(database))
    blocks = await names(database, "audience_blocks")
    assert await names(database, "audience_log") == log

    await commit(database, [customer("C1", version=2)])
    await compact(store_of(database))
    assert len(await names(database, "audience_log")) == 1
    assert blocks < await names(database, "audience_blocks")

    await commit(database, [customer("C1", version=3)])
    await compact(store_of(database))
    assert not blocks & await names(database, "audience_blocks")
    assert await wrong(database) == []


async def test_what_is_not_settled_is_not_folded(database: AsyncClient) -> None:
    await shop(database)

    assert await compact(FirestoreAudience(database)) == Compacted()


async def test_a_long_log_is_folded_part_by_part(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_store, "PAGE", 2)
    monkeypatch.setattr(audience_store, "MAX_FOLDED_DOCUMENTS", 3)
    await shop(database, 100)

    first = await compact(store_of(database))

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
async def test_partitions_follow_the_base(database: AsyncClient) -> None:
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
async def test_an_order_of_an_erased_customer_may_come_again_for_another(database: AsyncClient) -> None:
    """Its versions begin anew, for the order was deleted with the customer."""
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
    monkeypatch.setattr(audience_blocks, "MAX_PIECE", 2_000)
    monkeypatch.setattr(audience_blocks, "MAX_COMMIT", 5_000)
    whims = random.Random(1)
    for _ in range(4):
        placed = [order(f"{whims.getrandbits(64):x}", "C1") for _ in range(300)]
        await commit(database, [customer("C1")], placed)

    await settle(database)

    blocks = {path: fields async for path, fields in documents(database) if "blocks" in path}
    assert len(blocks) > 5
    assert all(len(fields["payload"]) <= 2_000 for fields in blocks.values())
    assert await wrong(database) == []


async def test_killed_before_any_write_nothing_is_lost_and_the_next_one_tidies_up(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writes of a compaction that folds, grows, erases and deletes; the process dies before each."""
    monkeypatch.setattr(audience_store, "LEASE_TIME", timedelta(0))
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
        assert not [path async for path, fields in documents(database) if b"gone@" in _bytes(fields)]
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


async def shop_more(database: AsyncClient) -> None:
    await commit(database, [customer(f"D{n}", email=_address(n)) for n in range(500)])


def _bytes(fields: dict[str, object]) -> bytes:
    """What a document says, unpacked as far as it can be read at all."""
    from crm.audience.blocks import unpack_block
    from crm.audience.changes import decode

    payload = fields.get("payload")
    if not isinstance(payload, bytes):
        return repr(fields).encode()
    try:
        return repr(decode(payload)).encode()
    except Exception:
        tables = unpack_block(payload)
        return repr(tables.customers.to_dicts()).encode()


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
    monkeypatch.setattr(audience_store, "LEASE_TIME", timedelta(0))
    await database.document("audience_state/lease").update({"until": NOW})

    assert await store_of(database).lease()


async def test_a_lease_lasts_as_long_as_the_work_and_no_longer_than_the_process(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_store, "LEASE_TIME", timedelta(seconds=1))
    monkeypatch.setattr(audience_store, "RENEW_EVERY", timedelta(seconds=0.2))
    working, other = store_of(database), store_of(database)
    assert await working.lease()
    for _ in range(8):
        await asyncio.sleep(0.2)
        assert not await other.lease()

    assert working._renewal is not None
    working._renewal.cancel()  # as with the process
    await asyncio.sleep(1.2)

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
    send = raw.Commit.send

    async def slowly(self: raw.Commit) -> list[Any]:
        nonlocal sent
        sent += 1
        if sent == number:
            monkeypatch.setattr(raw.Commit, "send", send)
            await database.document(audience_store.LEASE).update({"until": NOW})
            for version in (2, 3):
                await commit(database, [customer("C2", version=version), customer("C3", version=version)])
                await settle(database)
        return await send(self)

    monkeypatch.setattr(raw.Commit, "send", slowly)

    await compact(store_of(database))

    assert sent >= number
    assert await wrong(database) == []
    monkeypatch.setattr(manifests, "TARGET", LARGE)
    await commit(database, [customer("C4", version=2)])
    await settle(database)
    assert await wrong(database) == []


async def test_of_an_erased_customer_nothing_is_left_after_the_next_compaction(database: AsyncClient) -> None:
    mira = customer("C1", email="mira@example.com", name="Mira")
    await commit(database, [mira, customer("C2")], [order("O1", "C1")])
    await settle(database)
    await commit(database, [replace(mira, version=2, city="Leeds")])
    await settle(database)
    await commit(database, [replace(erased(mira, NOW), version=3)])
    await commit(database, [customer("C3")])

    await settle(database)

    left = [path async for path, fields in documents(database) if b"ira" in _bytes(fields)]
    assert left == []
    assert await names(database, "audience_log") == set()


@pytest.mark.parametrize("harm", ["changed", "missing"])
async def test_a_damaged_block_is_named_and_made_anew_when_it_is_folded(
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
