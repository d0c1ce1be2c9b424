"""How changes of rows move the counters."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from crm.campaigns.campaign import Counts
from crm.delivery.receipts import Receipt, ReceiptStatus, joined
from crm.delivery.row_changes import (
    RowChange,
    SeenRow,
    campaigns_with_fewer_unknown,
    movement,
    movements,
    tallied,
)
from tests.builders import NOON, row


def receipt(status: ReceiptStatus, seconds: int = 5, name: str = "m1") -> Receipt:
    return Receipt(message_id=name, status=status, occurred_at=NOON + timedelta(seconds=seconds))


def test_a_tally_counts_each_row_in_all_and_in_its_cohorts() -> None:
    rows = [
        row(cohorts=("high_spenders", "active")),
        row(status="failed", cohorts=("regular_spenders", "active")),
        row(),
    ]
    assert tallied(rows) == {
        "all": Counts(accepted=2, failed=1),
        "high_spenders": Counts(accepted=1),
        "regular_spenders": Counts(failed=1),
        "active": Counts(accepted=1, failed=1),
    }


def test_movements_are_summed_by_shard_and_group() -> None:
    def change(name: str, after: ReceiptStatus, **fields: Any) -> RowChange:
        before = row(message_id=name, **fields)
        return RowChange(SeenRow(before, etag=None), joined(before, receipt(after, name=name)))

    sums = movements(
        [
            change("m1", "delivered", cohorts=("high",)),
            change("m2", "failed", cohorts=("high",)),
            change("m3", "opened", cohorts=("low",), shard=1),
        ]
    )
    both = Counts(accepted=-2, delivered=1, failed=1)
    opened = Counts(accepted=-1, delivered=1, opened=1)
    assert sums == {
        ("c1", 0): {"all": both, "high": both},
        ("c1", 1): {"all": opened, "low": opened},
    }


def test_a_change_without_movement_writes_no_counter() -> None:
    before = row(status="delivered")
    later = joined(before, receipt("delivered", 50))
    assert movements([RowChange(SeenRow(before, None), later)]) == {}


def test_an_open_no_longer_counts_once_the_message_has_failed() -> None:
    """Opens are reported as a share of the delivered, which would exceed 100 %."""
    before = joined(joined(row(), receipt("opened")), receipt("clicked"))
    after = joined(before, receipt("failed"))
    assert after.opened_at is not None
    assert movement(before, after) == Counts(delivered=-1, failed=1, opened=-1, clicked=-1)
    assert movement(None, before) + movement(before, after) == movement(None, after)


def test_a_campaign_is_reopened_where_a_message_is_no_longer_unknown() -> None:
    unknown = row(status="unknown")
    known = RowChange(SeenRow(unknown, None), replace(unknown, status="delivered"))
    other = RowChange(SeenRow(row(campaign_id="c2"), None), row(campaign_id="c2", status="failed"))
    assert campaigns_with_fewer_unknown([known, other]) == {"c1"}
