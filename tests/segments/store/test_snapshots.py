"""Segment snapshots in the real database: large, killed half-way, written twice, erased."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from google.cloud.firestore import AsyncClient

from crm import retention
from crm.audience.rules.erasure import ERASED_ID
from crm.kernel.errors import NotFound
from crm.platform.firestore.client import client
from crm.segments.segment import Segment, SegmentSnapshot
from crm.segments.store.erasure import SegmentErasure
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import MEMBERS, SegmentSnapshots
from tests.projection import Killed, killed_at, names

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAILY = SegmentSnapshot(snapshot_id="d20260301", segment_id="s1", at=NOW, kind="daily", matched=3, version=1)


@pytest.fixture
async def database(project: str) -> AsyncClient:
    database = client(project)
    segment = Segment(
        segment_id="s1",
        name="A",
        rules={},
        created_at=NOW,
        created_by="a@example.com",
        updated_at=NOW,
        updated_by="a@example.com",
    )
    await Segments(database).create(segment, NOW)
    return database


async def test_a_large_snapshot_is_split_over_documents_and_read_as_written(
    database: AsyncClient,
) -> None:
    ids = [secrets.token_hex(40) for _ in range(40_000)]
    snapshots = SegmentSnapshots(database)
    assert await snapshots.write(DAILY, pl.Series(ids))
    assert (await snapshots.ids("s1", DAILY.snapshot_id, NOW)).to_list() == sorted(ids)
    sizes = [len(part.get("ids")) async for part in database.collection(MEMBERS).stream()]
    assert len(sizes) > 1
    assert max(sizes) < 900_000

    gone = [*ids[:50], min(ids), max(ids), "nobody"]
    await SegmentErasure(database).erase_customers("s1", gone)
    await SegmentErasure(database).erase_customers("s1", gone)
    left = sorted(set(ids) - set(gone))
    assert (await snapshots.ids("s1", DAILY.snapshot_id, NOW)).to_list() == left
    assert (await snapshots.get("s1", DAILY.snapshot_id, NOW)).forgotten == len(ids) - len(left)
    header = await database.document("segments/s1/snapshots/d20260301").get()
    assert min(ids) not in header.get("parts")


async def test_a_snapshot_may_be_empty_or_be_emptied_by_erasures(database: AsyncClient) -> None:
    snapshots = SegmentSnapshots(database)
    await snapshots.write(DAILY, pl.Series(["a", "b"]))
    await SegmentErasure(database).erase_customers("s1", ["a", "b"])
    assert (await snapshots.ids("s1", DAILY.snapshot_id, NOW)).to_list() == []
    assert await names(database, MEMBERS) == set()
    empty = SegmentSnapshot(snapshot_id="m1", segment_id="s1", at=NOW, kind="manual", matched=0)
    await snapshots.write(empty, pl.Series([], dtype=pl.String))
    assert (await snapshots.ids("s1", "m1", NOW)).to_list() == []


async def test_an_erasure_replaces_the_id_in_the_rules_of_all_versions(database: AsyncClient) -> None:
    segments = Segments(database)

    def rules(*ids: str) -> dict[str, Any]:
        rule = {"field": "customer_id", "operator": "in", "value": list(ids)}
        return {"combinator": "and", "rules": [rule]}

    for ids in (("a",), ("a", "b"), ("b",)):
        await segments.update("s1", "A", rules(*ids), "a@example.com", NOW, None)
    for _ in range(2):
        await SegmentErasure(database).erase_customers("s1", ["a"])
    versions, _ = await segments.versions("s1", 9)
    expected = [rules("b"), rules(ERASED_ID, "b"), rules(ERASED_ID), {}]
    assert [each.rules for each in versions] == expected
    await segments.update("s1", "A", rules("a"), "a@example.com", NOW, None)
    await SegmentErasure(database).erase_customers("s1", ["a"])
    assert (await segments.get("s1")).rules == rules(ERASED_ID)


@pytest.mark.parametrize("commit", [1, 2])
async def test_a_half_written_snapshot_is_never_visible(database: AsyncClient, commit: int) -> None:
    snapshots = SegmentSnapshots(database)
    with killed_at(commit) as happened, pytest.raises(Killed):
        await snapshots.write(DAILY, pl.Series(["a"]), NOW + timedelta(days=1))
    assert happened()
    assert await snapshots.newest("s1", NOW, 10) == []
    assert len(await Segments(database).due(NOW, 10)) == 1
    assert await snapshots.write(DAILY, pl.Series(["a"]), NOW + timedelta(days=1))
    assert await Segments(database).due(NOW, 10) == []


async def test_of_two_writes_of_one_snapshot_the_first_counts(database: AsyncClient) -> None:
    snapshots = SegmentSnapshots(database)
    assert await snapshots.write(DAILY, pl.Series(["a"]))
    assert not await snapshots.write(DAILY, pl.Series(["a", "b"]), NOW + timedelta(days=1))
    assert (await snapshots.ids("s1", DAILY.snapshot_id, NOW)).to_list() == ["a"]
    assert len(await names(database, MEMBERS)) == 1
    assert await Segments(database).due(NOW, 10) == []


async def test_no_snapshot_is_written_of_a_deleted_segment(database: AsyncClient) -> None:
    await Segments(database).delete("s1", NOW)
    with pytest.raises(NotFound):
        await SegmentSnapshots(database).write(DAILY, pl.Series(["a"]))
    assert await names(database, MEMBERS) == set()


async def test_an_expired_snapshot_is_not_shown(database: AsyncClient) -> None:
    snapshots = SegmentSnapshots(database)
    await snapshots.write(DAILY, pl.Series(["a"]))
    later = NOW + retention.kept("segment_snapshots")
    assert await snapshots.newest("s1", later, 10) == []
    with pytest.raises(NotFound):
        await snapshots.get("s1", DAILY.snapshot_id, later)


async def test_writing_a_snapshot_does_not_change_the_segment(database: AsyncClient) -> None:
    segments = Segments(database)
    before = await segments.get("s1")
    await SegmentSnapshots(database).write(DAILY, pl.Series(["a"]))
    assert await segments.get("s1") == before
