"""Chunks: frozen once, worked on by one, done in one commit with their rows and counts."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncDocumentReference

from crm.campaigns.campaign import Counts
from crm.campaigns.store.counters import Counters
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.delivery.freezing import Frozen, chunks_of
from crm.delivery.log import Chunk, LogRow
from crm.delivery.sending import Claim
from crm.delivery.store.chunks import Chunks, FrozenAudiences
from crm.delivery.store.communication_log import CommunicationLog
from crm.kernel.errors import Conflict, NotFound, Unavailable
from crm.platform.firestore.client import client
from tests import builders
from tests.builders import NOON as NOW
from tests.builders import campaign

pytestmark = pytest.mark.emulator

LEASE = timedelta(minutes=2)
CAMPAIGN = campaign(partitions=2, shards=2)
CHUNKS = chunks_of(CAMPAIGN, 0, [f"C-{n}" for n in range(501)])
FIRST = CHUNKS[0].chunk_id


def row(name: str, **fields: object) -> LogRow:
    """A row of the first chunk, of two cohorts."""
    given = {"sent_at": NOW, "cohorts": ("high_spenders", "active"), **fields}
    return builders.row(message_id=f"message-{name}", customer_id=name, chunk_id=FIRST, **given)


@pytest.fixture
async def frozen(project: str) -> FrozenAudiences:
    """An audience whose partition 0 is written, its two chunks due in a lease's time."""
    frozen = FrozenAudiences(client(project))
    await cut(project, frozen, 0, CHUNKS)
    return frozen


async def cut(project: str, frozen: FrozenAudiences, partition: int, chunks: list[Chunk]) -> None:
    """Put the chunks in place of a list of their own."""
    names = [name for chunk in chunks for name in chunk.customer_ids]
    lists = FrozenLists(client(project))
    written = await lists.write("c1", [[]] * partition + [names], NOW)
    part = await lists.part(written.name, partition)
    assert part is not None
    assert part.customer_ids == names
    campaign = replace(CAMPAIGN, frozen_list=written.name)
    await frozen.freeze(campaign, partition, part, chunks, NOW + LEASE)


@pytest.fixture
def chunks(project: str, frozen: FrozenAudiences) -> Chunks:
    return Chunks(client(project))


async def claimed(chunks: Chunks, at: datetime = NOW) -> Claim:
    claim = await chunks.claim("c1", FIRST, at, at + LEASE)
    assert claim is not None
    return claim


async def test_a_partition_is_frozen_once_and_whole(project: str, frozen: FrozenAudiences) -> None:
    with pytest.raises(Conflict):
        await cut(project, frozen, 0, CHUNKS[:1])
    assert await frozen.frozen("c1", 2) == {0: Frozen(partition=0, recipients=501, chunks=2)}
    assert await frozen.pending("c1") == [chunk.chunk_id for chunk in CHUNKS]


async def test_a_discarded_audience_is_gone_whole(frozen: FrozenAudiences) -> None:
    await frozen.discard("c1")
    assert await frozen.pending("c1") == []
    assert await frozen.frozen("c1", 2) == {}
    await frozen.discard("c1")


async def test_an_empty_partition_leaves_a_marker(project: str, frozen: FrozenAudiences) -> None:
    await cut(project, frozen, 1, [])
    assert (await frozen.frozen("c1", 2))[1] == Frozen(partition=1, recipients=0, chunks=0)


async def test_one_of_many_claims_a_chunk(chunks: Chunks) -> None:
    claims = await asyncio.gather(*(chunks.claim("c1", FIRST, NOW, NOW + LEASE) for _ in range(6)))
    held = [claim for claim in claims if claim is not None]
    assert [claim.chunk.customer_ids for claim in held] == [CHUNKS[0].customer_ids]
    assert not held[0].chunk.possibly_sent


async def test_a_chunk_that_the_tick_postpones_meanwhile_is_claimed_all_the_same(
    chunks: Chunks, frozen: FrozenAudiences, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick publishes a chunk and then postpones it, when a worker may already be at it."""
    due = NOW + LEASE
    read = AsyncDocumentReference.get
    postponed: list[str] = []

    async def get(reference: AsyncDocumentReference, *args: Any, **kwargs: Any) -> Any:
        snapshot = await read(reference, *args, **kwargs)
        if not postponed:
            postponed.append(FIRST)
            await frozen.postpone("c1", [FIRST], due, due + LEASE)
        return snapshot

    monkeypatch.setattr(AsyncDocumentReference, "get", get)
    assert (await claimed(chunks, due)).chunk.chunk_id == FIRST
    assert postponed


async def test_a_lease_that_ran_out_is_taken_over_in_doubt(chunks: Chunks) -> None:
    lost = await claimed(chunks)
    assert await chunks.claim("c1", FIRST, NOW + LEASE - timedelta(seconds=1), NOW) is None
    taken = await claimed(chunks, NOW + LEASE)
    assert taken.chunk.possibly_sent
    assert taken.chunk.attempts == 1
    with pytest.raises(Conflict):
        await chunks.finish(lost, [row("C-0")], NOW)
    with pytest.raises(Conflict):
        await chunks.release(lost, possibly_sent=False, retry_at=None)


async def test_a_released_chunk_is_free_with_or_without_doubt(chunks: Chunks) -> None:
    await chunks.release(await claimed(chunks), possibly_sent=False, retry_at=None)
    again = await claimed(chunks)
    assert not again.chunk.possibly_sent
    await chunks.release(again, possibly_sent=True, retry_at=None)
    assert (await claimed(chunks)).chunk.possibly_sent


async def test_a_resting_chunk_is_claimed_by_nobody_until_its_rest_is_over(
    chunks: Chunks, frozen: FrozenAudiences
) -> None:
    retry_at = NOW + timedelta(seconds=30)
    await chunks.release(await claimed(chunks), possibly_sent=False, retry_at=retry_at)
    with pytest.raises(Unavailable) as raised:
        await claimed(chunks, NOW + timedelta(seconds=10))
    assert 20 <= raised.value.retry_after <= 21
    assert await frozen.due("c1", retry_at, 10) == [FIRST]
    await claimed(chunks, retry_at)


async def test_no_such_chunk(chunks: Chunks) -> None:
    with pytest.raises(NotFound):
        await chunks.claim("c1", "0009-0000", NOW, NOW)


async def test_finishing_writes_rows_counts_and_the_chunk_at_once(
    project: str, chunks: Chunks, frozen: FrozenAudiences
) -> None:
    claim = await claimed(chunks)
    skipped = row("C-1", status="skipped", reason="no_consent", sent_at=None, cohorts=())
    await chunks.finish(claim, [row("C-0"), skipped], NOW)
    found = await CommunicationLog(client(project)).of_campaign("c1", 10)
    assert found == [row("C-0"), skipped]
    counts = (await Counters(client(project)).read([CAMPAIGN]))["c1"]
    assert counts == {
        "all": Counts(accepted=1, skipped=1),
        "high_spenders": Counts(accepted=1),
        "active": Counts(accepted=1),
    }
    assert await chunks.claim("c1", FIRST, NOW + LEASE * 9, NOW) is None
    assert await frozen.pending("c1") == [CHUNKS[1].chunk_id]
    assert await frozen.due("c1", NOW + LEASE * 9, 10) == [CHUNKS[1].chunk_id]
    assert await frozen.last_done("c1") == NOW


async def test_a_row_that_exists_lets_nothing_be_written(project: str, chunks: Chunks) -> None:
    await chunks.finish(await claimed(chunks), [row("C-0")], NOW)
    second = await chunks.claim("c1", CHUNKS[1].chunk_id, NOW, NOW + LEASE)
    assert second is not None
    with pytest.raises(Conflict):
        await chunks.finish(second, [row("C-9"), row("C-0")], NOW)
    assert (await Counters(client(project)).read([CAMPAIGN]))["c1"]["all"] == Counts(accepted=1)


async def test_a_full_chunk_is_one_commit(project: str, chunks: Chunks) -> None:
    rows = [row(f"C-{n}") for n in range(500)]
    await chunks.finish(await claimed(chunks), rows, NOW)
    assert (await Counters(client(project)).read([CAMPAIGN]))["c1"]["all"] == Counts(accepted=500)


async def test_what_is_due_is_postponed_for_all_ticks(frozen: FrozenAudiences, chunks: Chunks) -> None:
    assert await frozen.due("c1", NOW, 10) == []
    later = NOW + LEASE
    due = await frozen.due("c1", later, 10)
    assert due == [chunk.chunk_id for chunk in CHUNKS]
    await claimed(chunks, later)
    await frozen.postpone("c1", due, later, later + LEASE * 2)
    assert await frozen.due("c1", later, 10) == []
    # The one in work is due again when its lease ends, whatever the tick says.
    assert await frozen.due("c1", later + LEASE, 10) == [FIRST]
    assert await frozen.last_done("c1") is None
