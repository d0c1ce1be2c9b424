"""The reader against the Firestore emulator: exact after each commit, cheap, and never silently short."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.engine.people import everybody, orders_of
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.parse import parse
from crm.audience.store import reader as audience_reader
from crm.audience.store import tail
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.reader import AudienceReader
from crm.audience.store.source import FirestoreSource
from crm.audience.store.tail import Position
from crm.audience.usecases.compact import Compact
from crm.audience.usecases.preview import preview
from crm.audience.usecases.rebuild import Rebuild
from crm.customers.changes import encode
from crm.customers.customer import erased
from crm.customers.store.change_log import LOG
from tests.projection import NOW, commit, customer, names, order, store_of

pytestmark = pytest.mark.emulator

EVERYONE = parse({"combinator": "and", "rules": [], "all": True})


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def ids(reader: AudienceReader) -> list[str]:
    return sorted(each.customer_id for each in everybody(await reader.snapshot()))


async def test_an_empty_log_is_an_empty_snapshot(database: AsyncClient) -> None:
    snapshot = await AudienceReader(database).snapshot()

    assert preview(snapshot, EVERYONE, NOW, UTC, "email").total == 0


async def test_a_commit_that_returned_is_in_the_next_snapshot(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    for number in range(5):
        await commit(database, [customer(f"C{number}", name="Mira")], [order(f"O{number}", f"C{number}")])
        snapshot = await reader.snapshot()
        assert snapshot.total == number + 1
        assert len(orders_of(snapshot, f"C{number}")) == 1


async def test_rules_are_evaluated_on_the_latest_commit_and_again_only_after_a_change(
    database: AsyncClient,
) -> None:
    reader = AudienceReader(database)
    asked: list[int] = []

    async def total(snapshot: Snapshot) -> int:
        asked.append(snapshot.total)
        return snapshot.total

    async def costs() -> tuple[int, list[int]]:
        asked.clear()
        found, snapshot = await reader.asked(total)
        assert found == snapshot.total
        return found, list(asked)

    await commit(database, [customer("C1")])
    assert await costs() == (1, [1])
    assert await costs() == (1, [1])
    await commit(database, [customer("C2")])
    assert await costs() == (2, [1, 2])
    await commit(database, [customer("C3")])
    assert await costs() == (3, [3]), "while the log grows, there is no count in vain"
    assert await costs() == (3, [3])
    await commit(database, [customer("C4")])
    assert await costs() == (4, [3, 4])


async def test_a_document_stamped_behind_those_already_read_is_not_missed(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1")])
    assert await ids(reader) == ["C1"]

    late = {"at": datetime.now(UTC) - timedelta(seconds=20), "payload": encode([customer("C0")], [])[0]}
    await database.collection(LOG).document("late").set(late)

    assert await ids(reader) == ["C0", "C1"]


async def test_the_highest_version_wins_in_any_order(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1", version=3, city="Leeds")])
    await reader.snapshot()
    await commit(database, [customer("C1", version=2, city="York")])

    assert [each.city for each in everybody(await reader.snapshot())] == ["Leeds"]


async def test_an_erased_customer_leaves_with_their_orders(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    gone = customer("C1", name="Mira")
    await commit(database, [gone, customer("C2")], [order("O1", "C1")])
    await reader.snapshot()
    await commit(database, [replace(erased(gone, NOW), version=2)])

    snapshot = await reader.snapshot()

    assert [each.customer_id for each in everybody(snapshot)] == ["C2"]
    assert orders_of(snapshot, "C1") == []


async def test_concurrent_calls_share_one_read_and_each_sees_what_was_committed_before_it(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = AudienceReader(database)
    reads = 0
    read_on = tail.read_on

    async def counted(client: AsyncClient, position: Position) -> tuple[list[bytes], Position]:
        nonlocal reads
        reads += 1
        found = await read_on(client, position)
        if reads == 1:  # while the first read is under way, a commit returns and five more calls come
            await commit(database, [customer("C2")])
            later.extend(asyncio.create_task(ids(reader)) for _ in range(5))
            await asyncio.sleep(0)
        return found

    monkeypatch.setattr(audience_reader, "read_on", counted)
    later: list[asyncio.Task[list[str]]] = []
    await commit(database, [customer("C1")])

    first = await asyncio.gather(*(ids(reader) for _ in range(5)))

    assert first == [["C1"]] * 5
    assert await asyncio.gather(*later) == [["C1", "C2"]] * 5
    assert reads == 2


async def test_a_cancelled_caller_does_not_take_the_read_from_the_others(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer("C1")])
    impatient, patient = asyncio.create_task(ids(reader)), asyncio.create_task(ids(reader))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await patient == ["C1"]


async def test_a_long_log_is_read_in_parts(database: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "PAGE", 3)
    reader = AudienceReader(database)
    for number in range(7):
        await commit(database, [customer(f"C{number}")])

    assert await ids(reader) == [f"C{number}" for number in range(7)]
    for number in range(7, 10):
        await commit(database, [customer(f"C{number}")])
    assert await ids(reader) == [f"C{number}" for number in range(10)]


async def test_a_reader_that_slept_while_the_log_was_trimmed_reloads(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_reader, "HEAD_EVERY", timedelta(0))
    monkeypatch.setattr(tail, "OVERLAP", timedelta(0))
    await commit(database, [customer("C1")])
    reader = AudienceReader(database)
    await reader.snapshot()
    for version in (2, 3):  # the second compaction deletes what the first folded
        await commit(database, [customer(f"C{version}")])
        await Compact(store=store_of(database))()
    assert len(await names(database, LOG)) == 1

    assert await ids(reader) == ["C1", "C2", "C3"]


async def test_a_reader_loads_rebuilt_blocks(database: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience_reader, "HEAD_EVERY", timedelta(0))
    await commit(database, [customer("C1", city="Leeds")])
    await Compact(store=store_of(database))()
    reader = AudienceReader(database)
    await reader.snapshot()
    async for found in database.collection("customers").stream():
        await found.reference.update({"city": "York"})

    await Rebuild(store=store_of(database), source=FirestoreSource(database))()

    assert [each.city for each in everybody(await reader.snapshot())] == ["York"]


async def test_every_preview_counts_what_was_committed_before_it(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers commit and read concurrently while a compactor folds what they wrote."""
    monkeypatch.setattr(audience_reader, "HEAD_EVERY", timedelta(0))
    readers = [AudienceReader(database) for _ in range(2)]
    is_over = False

    async def write_and_look(writer: int) -> None:
        for number in range(12):
            await commit(
                database,
                [customer(f"W{writer}-{number}")],
                [order(f"O{writer}-{number}", f"W{writer}-{number}")],
            )
            everyone, _ = await readers[writer % 2].asked(found)
            mine = [each for each in everyone if each.startswith(f"W{writer}-")]
            assert len(mine) == number + 1

    async def found(snapshot: Snapshot) -> list[str]:
        return [each.customer_id for each in everybody(snapshot)]

    async def fold() -> None:
        while not is_over:
            await Compact(store=FirestoreAudience(database, settled=timedelta(seconds=1)))()

    compactor = asyncio.create_task(fold())
    await asyncio.gather(*(write_and_look(writer) for writer in range(4)))
    is_over = True
    await compactor

    total = preview(await AudienceReader(database).snapshot(), EVERYONE, NOW, UTC, "email").total
    assert total == 48
