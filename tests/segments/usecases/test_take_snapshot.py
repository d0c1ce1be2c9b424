"""What the tick writes down of segments, on the real database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.audience.store.reader import AudienceReader
from crm.campaigns.campaign import Campaign, Message, segment_launch
from crm.platform.firestore.client import client
from crm.segments.segment import Launch, Segment, daily_point_id, next_daily_point
from crm.segments.store.segments import Segments
from crm.segments.store.snapshots import SegmentPoints
from crm.segments.usecases.take_snapshot import LATE, write_due_points
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
    assert daily_point_id(late, zone) == "d20260329"
    # The clocks go forward that night: the next day begins an hour earlier.
    assert next_daily_point(late, zone) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def launches_of(*campaigns: Campaign) -> list[Launch]:
    return [launch for campaign in campaigns if (launch := segment_launch(campaign))]


async def test_the_tick_writes_each_day_once_and_the_points_that_campaigns_lack(project: str) -> None:
    database = client(project)
    segments, points = Segments(database), SegmentPoints(database)
    await segments.create(SEGMENT, NOW)
    await commit(database, [customer("a", visits=3), customer("b", visits=1)])

    async def tick(at: datetime, *launched: Campaign) -> list[tuple[str, int, int | None]]:
        await write_due_points(launches_of(*launched), segments, points, AudienceReader(database), at, UTC)
        found = await points.newest("s1", at, 10)
        return sorted((each.point_id, each.matched, each.version) for each in found)

    # The campaign was made from another definition than the present one.
    assert await tick(NOW, CAMPAIGN) == [("cc1", 2, None), ("d20260301", 1, 1)]
    await commit(database, [customer("b", 2, visits=9)])
    assert len(await tick(NOW + timedelta(minutes=1), CAMPAIGN)) == 2
    assert (await tick(NOW + timedelta(hours=12), CAMPAIGN))[-1] == ("d20260302", 2, 1)
    last = (await segments.get("s1")).last_campaign
    assert last is not None
    assert (last.campaign_id, last.name, last.at) == ("c1", "Hello", NOW)


async def test_a_launch_of_long_ago_gets_no_point_that_would_not_be_true(project: str) -> None:
    database = client(project)
    segments, points = Segments(database), SegmentPoints(database)
    await segments.create(SEGMENT, NOW + timedelta(days=1))
    at = NOW + LATE
    await write_due_points(launches_of(CAMPAIGN), segments, points, AudienceReader(database), at, UTC)
    assert await points.newest("s1", at, 10) == []


async def test_rules_that_no_longer_hold_and_a_lost_segment_stop_no_other(project: str) -> None:
    database = client(project)
    segments, points = Segments(database), SegmentPoints(database)
    broken = {"combinator": "and", "rules": [{"field": "gone", "operator": "=", "value": 1}]}
    await segments.create(SEGMENT, NOW)
    await segments.update("s1", "A", broken, "a@example.com", NOW, None)
    other = Segment(**{name: getattr(SEGMENT, name) for name in Segment.__slots__} | {"segment_id": "s2"})
    await segments.create(other, NOW)
    lost = Campaign(**{name: getattr(CAMPAIGN, name) for name in Campaign.__slots__} | {"segment_id": "s9"})
    await write_due_points(launches_of(lost), segments, points, AudienceReader(database), NOW, UTC)
    assert len(await points.newest("s2", NOW, 10)) == 1
    # It is not asked for every minute again.
    assert await segments.due(NOW, 10) == []
