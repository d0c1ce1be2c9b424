"""Reconciliation's decisions: what counters lack, and when a campaign stands still."""

from dataclasses import replace
from datetime import timedelta

from crm.campaigns.campaign import Counts, Stats
from crm.supervision.reconciliation import Progress, add_rows, difference, drift, judged, seen, total
from tests.builders import NOON
from tests.receipts import row

STILL = timedelta(minutes=30)


def test_rows_are_counted_by_shard_and_group() -> None:
    tally: dict[int, dict[str, Counts]] = {}
    add_rows(tally, [row(1), row(2, status="failed")])
    add_rows(tally, [row(3, opened_at=NOON, status="delivered")])
    assert tally == {
        0: {"all": Counts(failed=1)},
        1: {
            "all": Counts(accepted=1, delivered=1, opened=1),
            "odd": Counts(accepted=1, delivered=1, opened=1),
        },
    }
    assert total(tally) == Counts(accepted=1, delivered=1, failed=1, opened=1)


def test_counters_lack_the_difference_wherever_it_is() -> None:
    rows = {0: {"all": Counts(accepted=2)}, 1: {"all": Counts(failed=1), "odd": Counts(failed=1)}}
    counters = {0: {"all": Counts(accepted=3), "ghost": Counts(skipped=1)}, 1: {"odd": Counts(failed=1)}}
    lacking = difference(rows, counters)
    assert lacking == {
        0: {"all": Counts(accepted=-1), "ghost": Counts(skipped=-1)},
        1: {"all": Counts(failed=1)},
    }
    assert drift(lacking) == 3
    assert difference(rows, rows) == {}
    assert difference({}, {0: {"all": Counts()}}) == {}


def test_a_campaign_stands_still_from_the_last_change_on() -> None:
    stats = Stats(audience=5, counts=Counts(accepted=2))
    first = seen(None, stats, NOON)
    assert first == Progress(pending=3, accepted=2, since=NOON)
    later = seen(first, stats, NOON + STILL)
    assert later == first
    moved = seen(replace(later, alarmed=True), Stats(audience=5, counts=Counts(accepted=3)), NOON + STILL)
    assert moved == Progress(pending=2, accepted=3, since=NOON + STILL)


def test_failures_are_judged_against_what_was_handed_over() -> None:
    counts = Counts(accepted=5, delivered=3, failed=2, skipped=7, unknown=1)
    after = judged(Progress(pending=0, accepted=0, since=NOON), Stats(audience=18, counts=counts))
    assert (after.failed, after.handed, after.outcomes) == (2, 11, 5)
