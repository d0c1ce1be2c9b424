"""Counters: sums over shards, moved by increments that commit with their rows."""

import asyncio
from dataclasses import replace

import pytest
from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Counts
from crm.campaigns.store import counters
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from tests.delivery.frozen_chunks import CAMPAIGN

pytestmark = pytest.mark.emulator


async def add(database: AsyncClient, shard: int, movements: dict[str, Counts]) -> None:
    commit = Commit(database)
    counters.add(commit, CAMPAIGN.campaign_id, shard, movements)
    await commit.send()


async def test_movements_add_up_over_shards_and_groups(project: str) -> None:
    database = client(project)
    await add(database, 0, {"all": Counts(accepted=5), "active": Counts(accepted=2)})
    await add(database, 1, {"all": Counts(accepted=3, skipped=1)})
    await add(database, 0, {"all": Counts(accepted=-1, delivered=1, opened=1), "active": Counts()})
    assert (await counters.Counters(database).by_group([CAMPAIGN]))["c1"] == {
        "all": Counts(accepted=7, delivered=1, skipped=1, opened=1),
        "active": Counts(accepted=2),
    }


async def test_concurrent_movements_are_all_kept(project: str) -> None:
    database = client(project)
    await asyncio.gather(*(add(database, 0, {"all": Counts(accepted=1)}) for _ in range(20)))
    assert (await counters.Counters(database).by_group([CAMPAIGN]))["c1"]["all"] == Counts(accepted=20)


async def test_a_campaign_without_counts_has_zeros(project: str) -> None:
    database = client(project)
    other = replace(CAMPAIGN, campaign_id="c2")
    await add(database, 1, {"all": Counts(failed=1)})
    reader = counters.Counters(database)
    assert await reader.by_group([CAMPAIGN, other]) == {
        "c1": {"all": Counts(failed=1)},
        "c2": {"all": Counts()},
    }
    assert await reader.by_group([]) == {}
