"""What happened month by month."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.audience.engine.months import Month, months
from crm.audience.engine.snapshot import Snapshot, applied, snapshot_of
from crm.audience.engine.tables import applied as tables_of
from crm.audience.engine.tables import empty
from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.customers.values import OrderStatus

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def customer(customer_id: str, created_at: datetime | None, version: int = 1) -> Customer:
    return Customer(customer_id=customer_id, known=True, created_at=created_at, version=version)


def order(
    order_id: str,
    amount: int,
    placed_at: datetime,
    status: OrderStatus = "completed",
    customer_id: str = "C1",
) -> Order:
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        amount=amount,
        currency="GBP",
        status=status,
        category=None,
        placed_at=placed_at,
        updated_at=placed_at,
        version=1,
    )


def snapshot(customers: list[Customer], orders: list[Order]) -> Snapshot:
    return snapshot_of(tables_of(empty(), encode(customers, orders)), NOW)


def test_an_empty_audience_has_no_months() -> None:
    assert months(snapshot([], []), NOW, UTC, 24) == []
    assert months(snapshot([customer("C1", None)], []), NOW, UTC, 24) == []


def test_counts_customers_orders_and_money_from_the_first_month_to_the_last() -> None:
    found = months(
        snapshot(
            [
                customer("C1", datetime(2025, 12, 31, tzinfo=UTC)),
                customer("C2", datetime(2026, 2, 1, tzinfo=UTC)),
            ],
            [
                order("O1", 100_000, datetime(2025, 12, 5, tzinfo=UTC)),
                order("O2", 50_000, datetime(2026, 2, 5, tzinfo=UTC)),
                order("O3", -20_000, datetime(2026, 2, 6, tzinfo=UTC)),
                order("O4", 70_000, datetime(2026, 2, 7, tzinfo=UTC), "cancelled"),
            ],
        ),
        NOW,
        UTC,
        24,
    )
    assert found == [
        Month("2025-12", 1, 1, 100_000),
        Month("2026-01", 0, 0, 0),
        Month("2026-02", 1, 1, 30_000),
    ]


def test_an_order_without_a_customer_is_not_counted() -> None:
    assert months(snapshot([], [order("O1", 1, NOW)]), NOW, UTC, 24) == []


def test_months_begin_at_midnight_in_the_zone() -> None:
    late = datetime(2026, 2, 28, 20, tzinfo=UTC)
    assert [each.month for each in months(snapshot([customer("C1", late)], []), NOW, UTC, 24)] == ["2026-02"]
    tokyo = months(snapshot([customer("C1", late)], []), NOW, ZoneInfo("Asia/Tokyo"), 24)
    assert [each.month for each in tokyo] == ["2026-03"]


def test_months_end_with_the_data_and_exclude_the_future() -> None:
    found = months(
        snapshot(
            [customer("C1", datetime(2009, 12, 1, tzinfo=UTC))],
            [
                order("O1", 10_000, datetime(2010, 1, 2, tzinfo=UTC)),
                order("O2", 10_000, NOW + timedelta(days=300)),
            ],
        ),
        NOW,
        UTC,
        24,
    )
    assert found == [Month("2009-12", 1, 0, 0), Month("2010-01", 0, 1, 10_000)]


def test_a_late_order_does_not_hide_the_years_before_it() -> None:
    placed = [datetime(2011, 6, 1, tzinfo=UTC), datetime(2011, 10, 1, tzinfo=UTC), NOW]
    found = months(
        snapshot([customer("C1", None)], [order(f"O{at}", 10_000, at) for at in placed]), NOW, UTC, 24
    )
    assert [each.month for each in found] == [
        "2011-06",
        "2011-07",
        "2011-08",
        "2011-09",
        "2011-10",
        "2026-03",
    ]
    assert [each.orders for each in found] == [1, 0, 0, 0, 1, 1]


def test_the_number_of_months_is_limited() -> None:
    yearly = snapshot(
        [customer(f"C{year}", datetime(year, 3, 1, tzinfo=UTC)) for year in range(2015, 2027)], []
    )
    assert [each.month for each in months(yearly, NOW, UTC, 2)] == ["2025-03", "2026-03"]
    monthly = snapshot(
        [customer(f"C{n}", datetime(2024 + n // 6, 1 + n % 6 * 2, 1, tzinfo=UTC)) for n in range(14)], []
    )
    found = months(monthly, NOW, UTC, 24)
    assert (len(found), found[0].month, found[-1].month) == (24, "2024-04", "2026-03")


def test_a_changed_customer_counts_once() -> None:
    before = snapshot([customer("C1", datetime(2026, 1, 1, tzinfo=UTC))], [order("O1", 10_000, NOW)])
    after = applied(before, encode([customer("C1", datetime(2026, 2, 1, tzinfo=UTC), version=2)], []), NOW)
    assert months(after, NOW, UTC, 24) == [Month("2026-02", 1, 0, 0), Month("2026-03", 0, 1, 10_000)]
