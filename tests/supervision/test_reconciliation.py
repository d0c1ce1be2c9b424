"""What counters lack against their rows."""

from crm.campaigns.campaign import Counts
from crm.supervision.reconciliation import add_rows, difference, drift, total
from tests.builders import NOON
from tests.receipts import row


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


def test_counters_lack_the_difference_in_every_shard_and_group() -> None:
    rows = {0: {"all": Counts(accepted=2)}, 1: {"all": Counts(failed=1), "odd": Counts(failed=1)}}
    counters = {0: {"all": Counts(accepted=3), "ghost": Counts(skipped=1)}, 1: {"odd": Counts(failed=1)}}
    missing = difference(rows, counters)
    assert missing == {
        0: {"all": Counts(accepted=-1), "ghost": Counts(skipped=-1)},
        1: {"all": Counts(failed=1)},
    }
    assert drift(missing) == 3
    assert difference(rows, rows) == {}
    assert difference({}, {0: {"all": Counts()}}) == {}
