"""Leases of chunks: one worker at a time, finished in one commit with their rows and counts."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.campaign import Counts
from crm.campaigns.store.counters import Counters
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.communication_log import CommunicationLog
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.kernel.errors import Conflict, NotFound, Unavailable
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from tests.builders import NOON as NOW
from tests.delivery.frozen_chunks import CAMPAIGN, CHUNKS, FIRST, LEASE, claimed, frozen, leases, row

__all__ = ["frozen", "leases"]

pytestmark = pytest.mark.emulator


async def test_of_many_workers_one_claims_a_chunk(leases: FirestoreChunkLeases) -> None:
    claims = await asyncio.gather(*(leases.claim("c1", FIRST, NOW, NOW + LEASE) for _ in range(6)))
    held = [claim for claim in claims if claim is not None]
    assert [claim.chunk.customer_keys for claim in held] == [CHUNKS[0].customer_keys]
    assert not held[0].chunk.possibly_sent


async def test_a_chunk_that_the_tick_postpones_meanwhile_is_claimed_all_the_same(
    leases: FirestoreChunkLeases, frozen: FrozenAudiences, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick publishes a chunk and then postpones it, when a worker may already be claiming it."""
    due = NOW + LEASE
    read = documents.get
    postponed: list[str] = []

    async def read_before_postponing(*args: Any) -> Any:
        found = await read(*args)
        if not postponed:
            postponed.append(FIRST)
            await frozen.postpone("c1", [FIRST], due, due + LEASE)
        return found

    monkeypatch.setattr(documents, "get", read_before_postponing)
    assert (await claimed(leases, due)).chunk.chunk_id == FIRST
    assert postponed


async def test_an_expired_lease_is_taken_over_as_possibly_sent(leases: FirestoreChunkLeases) -> None:
    lost = await claimed(leases)
    assert await leases.claim("c1", FIRST, NOW + LEASE - timedelta(seconds=1), NOW) is None
    taken = await claimed(leases, NOW + LEASE)
    assert taken.chunk.possibly_sent
    assert taken.chunk.possibly_sent_at == NOW
    assert taken.chunk.attempts == 1
    with pytest.raises(Conflict):
        await leases.finish(lost, [row("C-0")], NOW)
    with pytest.raises(Conflict):
        await leases.release(lost, possibly_sent=False, retry_at=None)


async def test_a_released_chunk_is_free_and_remembers_whether_it_may_be_sent(
    leases: FirestoreChunkLeases,
) -> None:
    await leases.release(await claimed(leases), possibly_sent=False, retry_at=None)
    again = await claimed(leases)
    assert not again.chunk.possibly_sent
    await leases.release(again, possibly_sent=True, retry_at=None)
    assert (await claimed(leases)).chunk.possibly_sent


async def test_a_throttled_chunk_cannot_be_claimed_until_its_time(
    leases: FirestoreChunkLeases, frozen: FrozenAudiences
) -> None:
    retry_at = NOW + timedelta(seconds=30)
    await leases.release(await claimed(leases), possibly_sent=False, retry_at=retry_at)
    with pytest.raises(Unavailable) as raised:
        await claimed(leases, NOW + timedelta(seconds=10))
    assert 20 <= raised.value.retry_after <= 21
    assert await frozen.due("c1", retry_at, 10) == [FIRST]
    await claimed(leases, retry_at)


async def test_a_missing_chunk_is_not_found(leases: FirestoreChunkLeases) -> None:
    with pytest.raises(NotFound):
        await leases.claim("c1", "0009-0000", NOW, NOW)


async def test_finishing_writes_rows_counts_and_the_chunk_in_one_commit(
    project: str, leases: FirestoreChunkLeases, frozen: FrozenAudiences
) -> None:
    claim = await claimed(leases)
    skipped = row("C-1", status="skipped", reason="no_consent", sent_at=None, cohorts=())
    await leases.finish(claim, [row("C-0"), skipped], NOW)
    found = await CommunicationLog(client(project)).of_campaign("c1", 10)
    assert found == [row("C-0"), skipped]
    counts = (await Counters(client(project)).by_group([CAMPAIGN]))["c1"]
    assert counts == {
        "all": Counts(accepted=1, skipped=1),
        "high_spenders": Counts(accepted=1),
        "active": Counts(accepted=1),
    }
    assert await leases.claim("c1", FIRST, NOW + LEASE * 9, NOW) is None
    assert await frozen.pending("c1") == [CHUNKS[1].chunk_id]
    assert await frozen.due("c1", NOW + LEASE * 9, 10) == [CHUNKS[1].chunk_id]
    assert await frozen.last_done("c1") == NOW


async def test_where_a_row_exists_nothing_is_written(project: str, leases: FirestoreChunkLeases) -> None:
    await leases.finish(await claimed(leases), [row("C-0")], NOW)
    second = await leases.claim("c1", CHUNKS[1].chunk_id, NOW, NOW + LEASE)
    assert second is not None
    with pytest.raises(Conflict):
        await leases.finish(second, [row("C-9"), row("C-0")], NOW)
    assert (await Counters(client(project)).by_group([CAMPAIGN]))["c1"]["all"] == Counts(accepted=1)


async def test_a_full_chunk_is_one_commit(project: str, leases: FirestoreChunkLeases) -> None:
    rows = [row(f"C-{n}") for n in range(500)]
    await leases.finish(await claimed(leases), rows, NOW)
    assert (await Counters(client(project)).by_group([CAMPAIGN]))["c1"]["all"] == Counts(accepted=500)
