"""Receipts join into one status, whatever their order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm.campaigns.campaign import RowStatus
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt, ReceiptStatus, joined, settle
from crm.delivery.row_changes import SeenRow, movement

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {"message_id": "m1", "status": "delivered", "occurred_at": "2026-03-01T12:00:05Z"}


def row(status: RowStatus = "accepted", name: str = "m1", **fields: Any) -> LogRow:
    given = {
        "campaign_id": "c1",
        "customer_key": "key",
        "chunk_id": "0000-0000",
        "shard": 0,
        "channel": "simulator",
        "updated_at": NOON,
    }
    return LogRow(message_id=name, status=status, **{**given, **fields})


def receipt(status: ReceiptStatus, seconds: int = 5, reason: str | None = None, name: str = "m1") -> Receipt:
    at = NOON + timedelta(seconds=seconds)
    return Receipt(message_id=name, status=status, reason=reason, occurred_at=at)


def folded(start: LogRow, reports: list[Receipt]) -> LogRow:
    for report in reports:
        start = joined(start, report)
    return start


statuses: st.SearchStrategy[RowStatus] = st.sampled_from(["accepted", "unknown", "delivered", "failed"])
rows = st.builds(
    row,
    status=statuses,
    reason=st.sampled_from([None, "full", "no answer"]),
    opened_at=st.sampled_from([None, NOON]),
)
reports = st.lists(
    st.builds(
        receipt,
        st.sampled_from(["delivered", "failed", "opened", "clicked"]),
        st.integers(-60, 60),
        st.sampled_from([None, "", "full", "gone", "blocked"]),
    ),
    max_size=8,
)


@given(rows, reports, st.data())
def test_any_order_and_any_repetition_gives_the_same_row(
    start: LogRow, given: list[Receipt], data: st.DataObject
) -> None:
    repeated = given + (data.draw(st.lists(st.sampled_from(given), max_size=8)) if given else [])
    assert folded(start, data.draw(st.permutations(repeated))) == folded(start, given)


@given(rows, reports)
def test_a_repeated_report_changes_nothing(start: LogRow, given: list[Receipt]) -> None:
    once = folded(start, given)
    for report in given:
        assert joined(once, report) is once


@given(rows, reports)
def test_a_status_never_moves_backwards(start: LogRow, given: list[Receipt]) -> None:
    order = ["unknown", "accepted", "delivered", "failed"]
    for report in given:
        after = joined(start, report)
        assert order.index(after.status) >= order.index(start.status)
        assert after.updated_at >= start.updated_at
        start = after


@given(rows, reports)
def test_counts_follow_the_rows(start: LogRow, given: list[Receipt]) -> None:
    total = movement(None, start)
    for report in given:
        after = joined(start, report)
        total += movement(start, after)
        start = after
    assert total == movement(None, start)
    assert total.rows == 1


@pytest.mark.parametrize("proof", ["opened", "clicked"])
def test_an_open_or_a_click_proves_a_delivery(proof: ReceiptStatus) -> None:
    after = joined(row(), receipt(proof))
    assert after.status == "delivered"
    assert (after.opened_at, after.clicked_at).count(None) == 1


@pytest.mark.parametrize("order", list(permutations(["delivered", "failed", "opened"])))
def test_a_bounce_is_final_whenever_it_comes(order: tuple[ReceiptStatus, ...]) -> None:
    after = folded(
        row(), [receipt(status, reason="full" if status == "failed" else None) for status in order]
    )
    assert (after.status, after.reason, after.opened_at) == ("failed", "full", NOON + timedelta(seconds=5))


def test_the_first_opening_counts_and_the_last_report_dates_the_row() -> None:
    after = folded(row(), [receipt("opened", 9), receipt("opened", 3), receipt("opened", 30)])
    assert after.opened_at == NOON + timedelta(seconds=3)
    assert after.updated_at == NOON + timedelta(seconds=30)


def test_the_first_reason_in_alphabetical_order_is_kept() -> None:
    given = [receipt("failed", reason=reason) for reason in (None, "mailbox full", "blocked", None)]
    assert folded(row(), given).reason == "blocked"


def test_a_skipped_row_was_never_sent_and_stays() -> None:
    skipped = row("skipped", reason="no_consent")
    for status in ("delivered", "failed", "opened", "clicked"):
        assert joined(skipped, receipt(status)) is skipped


def test_settle_makes_one_change_a_row_and_returns_unmatched_receipts() -> None:
    seen = {name: SeenRow(row(name=name), etag=name) for name in ("m1", "m2", "m3")}
    stranger = receipt("delivered", name="m9")
    given = [
        receipt("delivered"),
        receipt("opened", 8),
        receipt("failed", name="m2", reason="full"),
        stranger,
        stranger,
    ]
    changes, unmatched = settle(seen, given)
    assert [(c.seen.etag, c.after.status, c.after.opened_at is not None) for c in changes] == [
        ("m1", "delivered", True),
        ("m2", "failed", False),
    ]
    assert unmatched == [stranger]


def test_a_report_without_news_is_no_change() -> None:
    seen = {"m1": SeenRow(joined(row(), receipt("delivered")), etag=1)}
    assert settle(seen, [receipt("delivered"), receipt("delivered")]) == ([], [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message_id", ""),
        ("message_id", "x" * 129),
        ("message_id", "a\nb"),
        ("message_id", 7),
        ("status", "bounced"),
        ("status", None),
        ("reason", "x" * 501),
        ("reason", 5),
        ("occurred_at", "2025-02-30T00:00:00Z"),
        ("occurred_at", 1772366405),
        ("occurred_at", "9999-12-31T23:59:59-01:00"),
        ("occurred_at", None),
        ("surprise", 1),
    ],
)
def test_an_invalid_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Receipt.model_validate({**GOOD, field: value})
    assert [error["loc"][0] for error in caught.value.errors()] == [field]
