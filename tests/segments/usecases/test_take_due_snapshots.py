"""The snapshots that the tick takes, on the real database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from google.cloud.firestore import AsyncClient

from crm.audience.store.reader import AudienceReader
from crm.campaigns.campaign import Campaign, Message, segment_launch
from crm.platform.firestore.client import client
from crm.segments.segment import CampaignLaunch, Segment, daily_snapshot_id, next_daily_snapshot
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import SegmentSnapshots
from crm.segments.usecases.snapshot_launch import SnapshotLaunch
from crm.segments.usecases.take_due_snapshots import LATE, TakeDueSnapshots
from crm.segments.usecases.take_snapshot import TakeSnapshot
from tests.projection import commit, customer

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = {"combinator": "and", "rules": [{"field": "visits", "operator": ">", "value": 2}]}
SEGMENT = Segment(
    segment_id="s1",
    name="A",
    rules=RULES,
    created_at=NOW,
    created_by="a@example.com",
    updated_at=NOW,
    updated_by="a@example.com",
)
CAMPAIGN = Campaign(
    campaign_id="c1",
    name="Hello",
    status="sending",
    channel="simulator",
    message=Message(body="Hi"),
    rules={"combinator": "and", "rules": [], "all": True},
    segment_id="s1",
    created_at=NOW,
    created_by="a@example.com",
    launched_at=NOW,
)


def test_a_day_begins_at_midnight_of_the_project() -> None:
    zone = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    assert daily_snapshot_id(late, zone) == "d20260329"
    # The clocks go forward that night: the next day begins an hour earlier.
    assert next_daily_snapshot(late, zone) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def due_snapshots(database: AsyncClient) -> TakeDueSnapshots:
    segments, snapshots = Segments(database), SegmentSnapshots(database)
    take = TakeSnapshot(snapshots=snapshots, audience=AudienceReader(database), zone=UTC)
    snapshot_launch = SnapshotLaunch(segments=segments, snapshots=snapshots, take=take)
    return TakeDueSnapshots(segments=segments, take=take, snapshot_launch=snapshot_launch, zone=UTC)


def launches_of(*campaigns: Campaign) -> list[CampaignLaunch]:
    return [launch for campaign in campaigns if (launch := segment_launch(campaign))]


async def test_the_tick_takes_one_snapshot_a_day_and_those_that_launches_lack(project: str) -> None:
    database = client(project)
    segments, snapshots = Segments(database), SegmentSnapshots(database)
    await segments.create(SEGMENT, NOW)
    await commit(database, [customer("a", visits=3), customer("b", visits=1)])

    async def tick(at: datetime, *launched: Campaign) -> list[tuple[str, int, int | None]]:
        await due_snapshots(database)(launches_of(*launched), at)
        found = await snapshots.newest("s1", at, 10)
        return sorted((each.snapshot_id, each.matched, each.version) for each in found)

    # The campaign was made from another definition than the present one.
    assert await tick(NOW, CAMPAIGN) == [("cc1", 2, None), ("d20260301", 1, 1)]
    await commit(database, [customer("b", 2, visits=9)])
    assert len(await tick(NOW + timedelta(minutes=1), CAMPAIGN)) == 2
    assert (await tick(NOW + timedelta(hours=12), CAMPAIGN))[-1] == ("d20260302", 2, 1)
    last = (await segments.get("s1")).last_campaign
    assert last is not None
    assert (last.campaign_id, last.name, last.at) == ("c1", "Hello", NOW)


async def test_an_old_launch_gets_no_snapshot_of_present_members(project: str) -> None:
    database = client(project)
    segments, snapshots = Segments(database), SegmentSnapshots(database)
    await segments.create(SEGMENT, NOW + timedelta(days=1))
    at = NOW + LATE
    await due_snapshots(database)(launches_of(CAMPAIGN), at)
    assert await snapshots.newest("s1", at, 10) == []


async def test_invalid_rules_and_a_lost_segment_stop_no_other(project: str) -> None:
    database = client(project)
    segments, snapshots = Segments(database), SegmentSnapshots(database)
    broken = {"combinator": "and", "rules": [{"field": "gone", "operator": "=", "value": 1}]}
    await segments.create(SEGMENT, NOW)
    await segments.update("s1", "A", broken, "a@example.com", NOW, None)
    other = Segment(**{name: getattr(SEGMENT, name) for name in Segment.__slots__} | {"segment_id": "s2"})
    await segments.create(other, NOW)
    lost = Campaign(**{name: getattr(CAMPAIGN, name) for name in Campaign.__slots__} | {"segment_id": "s9"})
    await due_snapshots(database)(launches_of(lost), NOW)
    assert len(await snapshots.newest("s2", NOW, 10)) == 1
    # It is not asked for every minute again.
    assert await segments.due(NOW, 10) == []
