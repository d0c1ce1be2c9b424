"""What reading the audience costs, in documents that the database charges for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.engine.people import everybody
from crm.audience.store import reader as audience_reader
from crm.audience.store import tail
from crm.audience.store.blocks import AudienceBlocks
from crm.audience.store.reader import AudienceReader
from crm.audience.usecases.compact import Compact
from crm.platform.firestore import documents
from tests.projection import commit, customer, store_of

pytestmark = pytest.mark.emulator


@pytest.fixture
def database(project: str) -> AsyncClient:
    return AsyncClient(project=project)


async def ids(reader: AudienceReader) -> list[str]:
    return sorted(each.customer_id for each in everybody(await reader.snapshot()))


@contextmanager
def documents_read() -> Iterator[list[int]]:
    """Counts what the database would charge for while the block runs: each document that is found, one for
    a query that finds none, and one for each thousand that a count goes over."""
    cost = [0]
    read, query, count = documents.get_many, documents.query, documents.count
    fetched = AudienceBlocks._fetched

    async def one_each(client: AsyncClient, paths: Any, fields: Any = ()) -> Any:
        cost[0] += len(paths)
        return await read(client, paths, fields)

    async def found(client: AsyncClient, wanted: Any) -> Any:
        answer = await query(client, wanted)
        cost[0] += max(1, len(answer.documents))
        return answer

    async def thousands(client: AsyncClient, wanted: Any) -> int:
        number = await count(client, wanted)
        cost[0] += max(1, -(-number // 1000))
        return number

    def blocks(self: AudienceBlocks, pieces: Any) -> Any:
        cost[0] += len(pieces)
        return fetched(self, pieces)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "get_many", one_each)
        patch.setattr(documents, "query", found)
        patch.setattr(documents, "count", thousands)
        patch.setattr(AudienceBlocks, "_fetched", blocks)
        yield cost


async def test_without_changes_a_read_costs_five_documents_at_most(database: AsyncClient) -> None:
    for number in range(20):
        await commit(database, [customer(f"C{number}")])
    await Compact(store=store_of(database))()
    for number in range(20):
        await commit(database, [customer(f"D{number}")])
    reader = AudienceReader(database)
    first = await reader.snapshot()

    with documents_read() as cost:
        second = await reader.snapshot()

    assert 1 <= cost[0] <= 5
    assert second.base is first.base
    assert second.as_of > first.as_of


async def test_long_after_the_last_change_a_read_is_one_query(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "OVERLAP", timedelta(0))
    await commit(database, [customer("C1")])
    reader = AudienceReader(database)
    await reader.snapshot()

    with documents_read() as cost:
        await reader.snapshot()

    assert cost[0] == 1


async def test_a_hundred_changed_customers_cost_one_document(database: AsyncClient) -> None:
    reader = AudienceReader(database)
    await commit(database, [customer(f"C{number}") for number in range(400)])
    await reader.snapshot()
    for begin in range(0, 2000, 400):
        await commit(database, [customer(f"D{number}") for number in range(begin, begin + 400)])

    with documents_read() as cost:
        snapshot = await reader.snapshot()

    assert snapshot.total == 2400
    assert cost[0] <= 2000 / 100


async def test_a_warm_reader_reads_no_block_when_the_manifest_moves(
    database: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_reader, "HEAD_EVERY", timedelta(0))
    await commit(database, [customer("C1")])
    reader = AudienceReader(database)
    await reader.snapshot()
    await Compact(store=store_of(database))()
    monkeypatch.setattr(AudienceBlocks, "read", None)
    await commit(database, [customer("C2")])

    assert await ids(reader) == ["C1", "C2"]
