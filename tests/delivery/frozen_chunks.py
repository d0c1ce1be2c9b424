"""A campaign whose first partition is frozen in Firestore, for tests of the stores around chunks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crm.campaigns.store.frozen_lists import FrozenLists
from crm.customers.customer_key import customer_key
from crm.delivery.chunk import Chunk, Claim
from crm.delivery.freezing import chunks_of
from crm.delivery.log import LogRow
from crm.delivery.store.chunk_leases import FirestoreChunkLeases
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.platform.firestore.client import client
from tests import builders
from tests.builders import NOON as NOW
from tests.builders import campaign

LEASE = timedelta(minutes=2)
CAMPAIGN = campaign(partitions=2, shards=2)
CHUNKS = chunks_of(CAMPAIGN, 0, [customer_key(f"C-{n}") for n in range(501)])
FIRST = CHUNKS[0].chunk_id


def row(name: str, **fields: object) -> LogRow:
    """A row of the first chunk, of two cohorts."""
    given = {"sent_at": NOW, "cohorts": ("high_spenders", "active"), **fields}
    return builders.row(
        message_id=f"message-{name}", customer_key=customer_key(name), chunk_id=FIRST, **given
    )


@pytest.fixture
async def frozen(project: str) -> FrozenAudiences:
    """An audience whose partition 0 is written, its two chunks due in a lease's time."""
    frozen = FrozenAudiences(client(project))
    await freeze(project, frozen, 0, CHUNKS)
    return frozen


@pytest.fixture
def leases(project: str, frozen: FrozenAudiences) -> FirestoreChunkLeases:
    return FirestoreChunkLeases(client(project))


async def freeze(project: str, frozen: FrozenAudiences, partition: int, chunks: list[Chunk]) -> None:
    """Write a frozen list of the chunks' recipients, and put the chunks in its place."""
    names = [name for chunk in chunks for name in chunk.customer_keys]
    lists = FrozenLists(client(project))
    written = await lists.write("c1", [[]] * partition + [names], NOW)
    part = await lists.part(written.name, partition)
    assert part is not None
    assert part.customer_keys == names
    campaign = replace(CAMPAIGN, frozen_list=written.name)
    await frozen.freeze(campaign, partition, part, chunks, NOW + LEASE)


async def claimed(leases: FirestoreChunkLeases, at: datetime = NOW) -> Claim:
    """The first chunk, leased."""
    claim = await leases.claim("c1", FIRST, at, at + LEASE)
    assert claim is not None
    return claim
