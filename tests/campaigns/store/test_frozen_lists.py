"""Frozen lists: written completely, claimed by one launch, cut into chunks once, and swept."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.campaigns.campaign import Campaign
from crm.campaigns.frozen_list import FrozenList
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.frozen_lists import FrozenLists
from crm.customers.customer_key import customer_key
from crm.delivery.freezing import chunks_of
from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.kernel.errors import Conflict, NotFound, Unavailable
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.supervision.usecases.sweep_frozen_lists import AGAIN, SweepFrozenLists
from tests.delivery.campaign_stores import NOW, World

pytestmark = pytest.mark.emulator

PARTS = [[customer_key("C-1"), customer_key("C-2")], [customer_key("C-3")]]
HOUR = timedelta(hours=1)


@pytest.fixture
async def lists(project: str) -> FrozenLists:
    return FrozenLists(client(project))


async def launched(world: World, frozen: FrozenList) -> Campaign:
    return await world.campaigns.transition("c1", "launch", "marketer", frozen=frozen, partitions=2)


async def test_a_list_is_read_part_by_part(lists: FrozenLists) -> None:
    written = await lists.write("c1", PARTS, NOW)
    assert await lists.remaining(written.name, 10) == [0, 1]
    assert await lists.remaining(written.name, 1) == [0]
    found = [await lists.part(written.name, number) for number in (0, 1)]
    assert [part and part.customer_keys for part in found] == PARTS
    assert await lists.part(written.name, 2) is None


async def test_a_large_list_takes_several_commits(
    lists: FrozenLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.campaigns.store.frozen_lists.COMMIT_BYTES", 300)
    parts = [[customer_key(f"C-{n}")] for n in range(40)]
    written = await lists.write("c1", parts, NOW)
    assert await lists.remaining(written.name, 100) == list(range(40))
    monkeypatch.setattr("crm.campaigns.store.frozen_lists.DELETED_PER_COMMIT", 7)
    await lists.delete(written.name)
    assert await lists.remaining(written.name, 100) == []
    assert await lists.to_check(NOW, 10) == []


async def test_nothing_is_added_to_a_list_that_was_dropped_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.campaigns.store.frozen_lists.COMMIT_BYTES", 0)
    send = Commit.send
    dropped: list[FrozenList] = []

    async def slow(self: Commit) -> list[object]:
        if not dropped and (found := await world.lists.to_check(NOW, 10)):
            dropped.extend(found)
            await world.lists.drop(found[0])
        return await send(self)

    monkeypatch.setattr(Commit, "send", slow)
    with pytest.raises(Unavailable):
        await world.lists.write("c1", PARTS, NOW)
    assert await world.lists.remaining(dropped[0].name, 10) == []


async def test_a_part_is_cut_into_chunks_once_and_never_after_the_list_is_deleted(world: World) -> None:
    await world.drafts()
    campaign = await launched(world, await world.lists.write("c1", PARTS, NOW))
    assert campaign.frozen_list is not None
    first, second = [await world.lists.part(campaign.frozen_list, number) for number in (0, 1)]
    assert first is not None
    assert second is not None
    audiences = FrozenAudiences(world.database)
    chunks = chunks_of(campaign, 0, first.customer_keys)
    await audiences.freeze(campaign, 0, first, chunks, NOW)
    with pytest.raises(Conflict):
        await audiences.freeze(campaign, 0, first, chunks, NOW)
    await world.lists.delete(campaign.frozen_list)
    with pytest.raises(Conflict):
        await audiences.freeze(campaign, 1, second, chunks_of(campaign, 1, second.customer_keys), NOW)
    assert list(await audiences.frozen("c1", 2)) == [0]


async def test_a_dropped_list_cannot_be_claimed(world: World) -> None:
    await world.drafts()
    late = await world.lists.write("c1", PARTS, NOW + HOUR)
    await SweepFrozenLists(campaigns=world.campaigns, lists=world.lists)(NOW)
    assert await world.lists.remaining(late.name, 1) == [0]
    await SweepFrozenLists(campaigns=world.campaigns, lists=world.lists)(NOW + HOUR)
    with pytest.raises(Conflict):
        await launched(world, late)
    assert (await world.campaign()).status == "draft"
    assert await world.lists.remaining(late.name, 1) == []


async def test_a_claimed_list_cannot_be_dropped(world: World) -> None:
    await world.drafts()
    await world.lists.write("c1", PARTS, NOW)
    (seen,) = await world.lists.to_check(NOW, 10)
    await launched(world, seen)
    with pytest.raises(Conflict):
        await world.lists.drop(seen)
    assert await world.lists.remaining(seen.name, 10) == [0, 1]
    await SweepFrozenLists(campaigns=world.campaigns, lists=world.lists)(NOW)
    assert await world.lists.to_check(NOW + AGAIN - timedelta(seconds=1), 10) == []
    assert len(await world.lists.to_check(NOW + AGAIN, 10)) == 1


async def test_lists_without_a_campaign_are_swept(project: str, lists: FrozenLists) -> None:
    campaigns = Campaigns(client(project))
    orphan = await lists.write("gone", PARTS, datetime(2026, 1, 1, tzinfo=UTC))
    await SweepFrozenLists(campaigns=campaigns, lists=lists)(NOW)
    assert await lists.part(orphan.name, 0) is None
    assert await lists.to_check(NOW, 10) == []
    with pytest.raises(NotFound):
        await campaigns.get("gone")
