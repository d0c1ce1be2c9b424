"""Reads of documents, on the real emulator."""

import asyncio
from typing import Any

import pytest
from google.cloud.firestore import AsyncQuery

from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit

pytestmark = pytest.mark.emulator


async def store(project: str, path: str, fields: dict[str, Any]) -> None:
    commit = Commit(client(project))
    commit.replace(path, fields)
    await commit.send()


def things(project: str) -> AsyncQuery:
    query: AsyncQuery = client(project).collection("things").order_by("__name__")
    return query


async def test_missing_documents_are_left_out(project: str) -> None:
    await store(project, "things/a", {"x": 1, "y": 2})
    assert set(await documents.get_many(client(project), ["things/b", "things/a"])) == {"things/a"}
    assert await documents.get_many(client(project), []) == {}
    assert await documents.get(client(project), "things/b") is None


async def test_a_read_can_be_limited_to_some_fields(project: str) -> None:
    await store(project, "things/a", {"x": 1, "y": 2})
    stored = await documents.get(client(project), "things/a", ["y"])
    assert stored is not None
    assert stored.fields == {"y": 2}


async def test_many_documents_are_read_in_batches(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "BATCH", 2)
    paths = [f"things/{number}" for number in range(5)]
    await asyncio.gather(*(store(project, path, {}) for path in paths))
    assert set(await documents.get_in_batches(client(project), paths)) == set(paths)


async def test_a_query_finds_documents_by_id_also_beneath_a_document(project: str) -> None:
    await store(project, "things/a", {"x": 1})
    await store(project, "things/a/parts/p", {"x": 2})
    assert list((await documents.query(client(project), things(project))).documents) == ["a"]
    found = await documents.query(client(project), client(project).collection("things/a/parts").limit(5))
    assert [stored.fields for stored in found.documents.values()] == [{"x": 2}]


async def test_reads_as_of_an_earlier_read_see_its_state(project: str) -> None:
    await store(project, "things/a", {"x": 1})
    seen = await documents.get_snapshot(client(project), ["things/a", "things/b"])
    await store(project, "things/b", {"x": 1})
    earlier = await documents.query(client(project), things(project), read_time=seen.read_time)
    assert list(earlier.documents) == ["a"]
    assert await documents.count(client(project), things(project), read_time=seen.read_time) == 1
    assert await documents.count(client(project), things(project)) == 2


async def test_an_aggregation_counts_and_sums(project: str) -> None:
    await store(project, "things/a", {"x": 1})
    await store(project, "things/b", {"x": 4})
    assert await documents.aggregate(client(project), client(project).collection("things"), ["x"]) == {
        "count": 2,
        "x": 5,
    }
