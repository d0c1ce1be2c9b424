"""Movements of a campaign's counts, merged into buckets that can be shown."""

from datetime import UTC, datetime, timedelta

from crm.campaigns.campaign import Counts
from crm.campaigns.timeline import FINEST, MAX_BUCKETS, Timeline, bucket_start, timeline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_without_movements_the_timeline_is_empty() -> None:
    assert timeline({}) == Timeline(FINEST, [])


def test_a_short_campaign_has_narrow_buckets_in_order() -> None:
    moved = {NOON + timedelta(seconds=20): Counts(delivered=1), NOON: Counts(accepted=2)}
    assert timeline(moved) == Timeline(
        10, [(NOON, Counts(accepted=2)), (NOON + timedelta(seconds=20), Counts(delivered=1))]
    )


def test_movements_that_cancel_out_within_a_bucket_are_left_out() -> None:
    late = NOON + timedelta(minutes=50)
    moved = {
        NOON: Counts(accepted=1),
        NOON + timedelta(seconds=10): Counts(accepted=-1),
        late: Counts(failed=1),
    }
    assert timeline(moved) == Timeline(60, [(late, Counts(failed=1))])


def test_buckets_widen_with_the_duration_and_lose_nothing() -> None:
    for hours in (0.1, 1, 5, 24, 72, 24 * 59):
        moved = {
            bucket_start(NOON + timedelta(hours=hours) * n / 1000): Counts(accepted=1) for n in range(1000)
        }
        found = timeline(moved)
        assert len(found.movements) <= MAX_BUCKETS + 1
        assert sum(each.accepted for _, each in found.movements) == len(moved)
        assert [at for at, _ in found.movements] == sorted(at for at, _ in found.movements)
