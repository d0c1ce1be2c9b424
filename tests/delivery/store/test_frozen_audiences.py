"""The frozen audience: written once, found while it is due, deleted with its campaign."""

import pytest

from crm.delivery.freezing import FrozenPartition
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.kernel.errors import Conflict
from tests.builders import NOON as NOW
from tests.delivery.frozen_chunks import CHUNKS, FIRST, LEASE, claimed, freeze, frozen, leases

__all__ = ["frozen", "leases"]

pytestmark = pytest.mark.emulator


async def test_a_partition_is_frozen_once_and_whole(project: str, frozen: FrozenAudiences) -> None:
    with pytest.raises(Conflict):
        await freeze(project, frozen, 0, CHUNKS[:1])
    assert await frozen.frozen("c1", 2) == {0: FrozenPartition(partition=0, recipients=501, chunks=2)}
    assert await frozen.pending("c1") == [chunk.chunk_id for chunk in CHUNKS]


async def test_an_empty_partition_leaves_a_marker(project: str, frozen: FrozenAudiences) -> None:
    await freeze(project, frozen, 1, [])
    assert (await frozen.frozen("c1", 2))[1] == FrozenPartition(partition=1, recipients=0, chunks=0)


async def test_a_discarded_audience_is_deleted_whole(frozen: FrozenAudiences) -> None:
    await frozen.discard("c1")
    assert await frozen.pending("c1") == []
    assert await frozen.frozen("c1", 2) == {}
    await frozen.discard("c1")


async def test_due_chunks_are_postponed_for_all_ticks(
    frozen: FrozenAudiences, leases: FirestoreChunkLeases
) -> None:
    assert await frozen.due("c1", NOW, 10) == []
    later = NOW + LEASE
    due = await frozen.due("c1", later, 10)
    assert due == [chunk.chunk_id for chunk in CHUNKS]
    await claimed(leases, later)
    await frozen.postpone("c1", due, later, later + LEASE * 2)
    assert await frozen.due("c1", later, 10) == []
    # A leased chunk is due again when its lease ends, whatever the tick does.
    assert await frozen.due("c1", later + LEASE, 10) == [FIRST]
    assert await frozen.last_done("c1") is None
