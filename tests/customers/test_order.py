from datetime import UTC, datetime, timedelta
from typing import Any

from crm.customers.order import Order, joined, of_record, totals
from crm.customers.records import OrderRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


def order(day: int = 0, **fields: Any) -> Order:
    given = {
        "order_id": "O",
        "customer_id": "C",
        "amount": "10",
        "placed_at": START,
        "updated_at": START + timedelta(days=day),
    }
    return of_record(OrderRecord(**{**given, **fields}))


def test_the_newest_update_wins_whatever_comes_last() -> None:
    first, second = order(1), order(2)
    assert joined(first, second) == second
    assert joined(second, first) is second
    assert joined(first, order(1)) is first


def test_at_equal_times_exactly_one_of_two_wins() -> None:
    completed, refunded = order(1, status="completed"), order(1, status="refunded")
    nameless, empty = order(1, category=None), order(1, category="")

    assert joined(completed, refunded) == refunded
    assert joined(refunded, completed) is refunded
    assert joined(nameless, empty) == empty
    assert joined(empty, nameless) is empty


def test_completed_amounts_make_the_spend_and_positive_ones_the_count() -> None:
    late = START + timedelta(days=5)
    result = totals(
        [
            order(amount="10.50"),
            order(amount="4", placed_at=late),
            order(amount="-3", placed_at=late + timedelta(days=1)),
            order(amount="0"),
            order(amount="99", status="cancelled"),
            order(amount="99", status="pending"),
            order(amount="99", status="refunded"),
        ]
    )

    assert result.total_spend == 115_000
    assert result.order_count == 2
    assert (result.first_order_at, result.last_order_at) == (START, late)


def test_no_orders_add_up_to_nothing() -> None:
    assert totals([]).last_order_at is None
