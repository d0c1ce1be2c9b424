"""Campaigns in Firestore: read as stored, and changed only by compare-and-set."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.campaigns.campaign import Campaign, Message
from crm.campaigns.store.campaigns import Campaigns
from crm.kernel.errors import Conflict, Invalid, NotFound
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAFT = Campaign(
    campaign_id="c1",
    name="Spring",
    status="draft",
    channel="email",
    message=Message(body="Hi {{ customer.name }}", subject="Spring"),
    rules={"combinator": "and", "rules": [{"field": "visits", "operator": "between", "value": [1, 2.5]}]},
    segment_id="s1",
    created_at=NOW,
    created_by="a@example.com",
    schedule_at=NOW,
    note="a note",
)


@pytest.fixture
def campaigns(project: str) -> Campaigns:
    return Campaigns(client(project))


async def test_a_campaign_comes_back_as_it_was_stored(campaigns: Campaigns) -> None:
    await campaigns.create(DRAFT)
    assert await campaigns.get("c1") == DRAFT
    with pytest.raises(Conflict):
        await campaigns.create(DRAFT)


@pytest.mark.parametrize("name", ["nobody", "a/b", ""])
async def test_an_unknown_or_invalid_id_is_not_found(campaigns: Campaigns, name: str) -> None:
    with pytest.raises(NotFound):
        await campaigns.get(name)
    with pytest.raises(NotFound):
        await campaigns.transition(name, "launch", "marketer")


async def test_a_transition_changes_status_and_fields_once(campaigns: Campaigns) -> None:
    await campaigns.create(DRAFT)
    outcomes = await asyncio.gather(
        *(campaigns.transition("c1", "launch", "marketer", frozen_at=NOW) for _ in range(10)),
        return_exceptions=True,
    )
    moved = [outcome for outcome in outcomes if isinstance(outcome, Campaign)]
    assert len(moved) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 9
    assert await campaigns.get("c1") == moved[0] == replace(DRAFT, status="launching", frozen_at=NOW)


async def test_a_draft_can_be_changed_until_it_is_launched(campaigns: Campaigns) -> None:
    await campaigns.create(DRAFT)
    assert (await campaigns.update_draft("c1", name="Summer")).status == "scheduled"
    changed = await campaigns.update_draft("c1", schedule_at=None)
    assert (changed.name, changed.status, changed.schedule_at) == ("Summer", "draft", None)
    await campaigns.transition("c1", "launch", "marketer")
    with pytest.raises(Conflict, match="The campaign is launching"):
        await campaigns.update_draft("c1", name="Autumn")


async def test_a_draft_is_deleted_or_launched_and_never_both(campaigns: Campaigns) -> None:
    for n in range(5):
        name = f"c{n}"
        await campaigns.create(replace(DRAFT, campaign_id=name, status="draft", schedule_at=None))
        deleted, launched = await asyncio.gather(
            campaigns.delete_draft(name),
            campaigns.transition(name, "launch", "marketer"),
            return_exceptions=True,
        )
        if isinstance(launched, Campaign):
            assert isinstance(deleted, Conflict)
            assert (await campaigns.get(name)).status == "launching"
        else:
            assert (deleted, type(launched)) == (None, NotFound)


async def test_the_history_is_listed_newest_first_page_by_page(campaigns: Campaigns) -> None:
    for n in range(5):
        made = replace(DRAFT, campaign_id=f"c{n}", created_at=NOW + timedelta(hours=n // 2))
        await campaigns.create(made)
    first, cursor = await campaigns.list(2)
    second, cursor_2 = await campaigns.list(2, cursor)
    third, end = await campaigns.list(2, cursor_2)
    assert [c.campaign_id for c in (*first, *second, *third)] == ["c4", "c3", "c2", "c1", "c0"]
    assert end is None
    for wrong in ("nobody", "1-", "1-a/b", f"{'9' * 18}-a"):
        with pytest.raises(Invalid, match="cursor"):
            await campaigns.list(2, wrong)


async def test_a_cursor_is_valid_after_its_campaign_was_deleted(campaigns: Campaigns) -> None:
    for n in range(3):
        made = replace(DRAFT, campaign_id=f"c{n}", status="draft", created_at=NOW + timedelta(hours=n))
        await campaigns.create(made)
    _, cursor = await campaigns.list(2)
    await campaigns.delete_draft("c1")
    assert [c.campaign_id for c in (await campaigns.list(2, cursor))[0]] == ["c0"]


async def test_the_tick_gets_the_campaigns_that_need_it(campaigns: Campaigns) -> None:
    launched = replace(DRAFT, launched_at=NOW)
    for status in ("draft", "scheduled", "launching", "sending", "paused", "cancelled", "finished"):
        await campaigns.create(replace(launched, campaign_id=status, status=status))
    await campaigns.create(replace(DRAFT, campaign_id="never-launched", status="cancelled"))
    await campaigns.create(replace(launched, campaign_id="closed", status="cancelled", finished_at=NOW))
    names = {campaign.campaign_id for campaign in await campaigns.needs_tick()}
    assert names == {"scheduled", "launching", "sending", "cancelled"}


@pytest.mark.parametrize("field", ["message", "rules", "name"])
async def test_a_campaign_that_cannot_be_read_holds_up_no_other(
    campaigns: Campaigns, project: str, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(5):
        await campaigns.create(
            replace(DRAFT, campaign_id=f"c{n}", status="sending", created_at=NOW + timedelta(hours=n))
        )
    commit = Commit(client(project))
    if field == "name":
        commit.replace("campaigns/c2", {"created_at": NOW + timedelta(hours=2), "needs_tick": True})
    else:
        commit.change("campaigns/c2", {field: 5})
    await commit.send()

    assert {each.campaign_id for each in await campaigns.needs_tick()} == {"c0", "c1", "c3", "c4"}
    assert "a campaign cannot be read" in caplog.messages
    pages, cursor = [], None
    for _ in range(3):
        page, cursor = await campaigns.list(2, cursor)
        pages.append([each.campaign_id for each in page])
    assert (pages, cursor) == ([["c4", "c3"], ["c1"], ["c0"]], None)
