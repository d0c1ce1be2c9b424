"""Movements of a campaign's figures, in stretches that can be shown."""

from datetime import UTC, datetime, timedelta

from crm.campaigns.campaign import Counts
from crm.campaigns.timeline import FINEST, SHOWN, Timeline, stretch, timeline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_nothing_moved() -> None:
    assert timeline({}) == Timeline(FINEST, [])


def test_a_short_campaign_is_shown_finely_and_in_order() -> None:
    moved = {NOON + timedelta(seconds=20): Counts(delivered=1), NOON: Counts(accepted=2)}
    assert timeline(moved) == Timeline(
        10, [(NOON, Counts(accepted=2)), (NOON + timedelta(seconds=20), Counts(delivered=1))]
    )


def test_what_undoes_itself_within_a_stretch_is_left_out() -> None:
    late = NOON + timedelta(minutes=50)
    moved = {
        NOON: Counts(accepted=1),
        NOON + timedelta(seconds=10): Counts(accepted=-1),
        late: Counts(failed=1),
    }
    assert timeline(moved) == Timeline(60, [(late, Counts(failed=1))])


def test_stretches_grow_with_the_time_and_lose_nothing() -> None:
    for hours in (0.1, 1, 5, 24, 72, 24 * 59):
        moved = {stretch(NOON + timedelta(hours=hours) * n / 1000): Counts(accepted=1) for n in range(1000)}
        found = timeline(moved)
        assert len(found.movements) <= SHOWN + 1
        assert sum(each.accepted for _, each in found.movements) == len(moved)
        assert [at for at, _ in found.movements] == sorted(at for at, _ in found.movements)
