"""The installation at a glance."""

from datetime import UTC, datetime

from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.audience.usecases.overview import overview
from crm.customers.changes import encode
from crm.customers.customer import Customer, Totals

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(*customers: Customer) -> Snapshot:
    return snapshot_of(applied(empty(), encode(list(customers), [])), NOW)


def test_the_overview_without_customers() -> None:
    found = overview(snapshot(), NOW, UTC)
    assert (found.customers, found.orders, found.spend, found.months) == (0, 0, 0, [])
    assert found.reachable == {"simulator": 0, "email": 0, "sms": 0}
    assert found.as_of == NOW


def test_the_overview_counts_known_customers() -> None:
    found = overview(
        snapshot(
            Customer(
                customer_id="A",
                known=True,
                email="a@example.com",
                totals=Totals(total_spend=120_000, order_count=2),
                version=1,
            ),
            Customer(
                customer_id="B",
                known=True,
                phone="+441",
                consents={"sms": False},
                totals=Totals(total_spend=-20_000, order_count=0),
                version=1,
            ),
            Customer(customer_id="C", known=False, totals=Totals(total_spend=999, order_count=9), version=1),
        ),
        NOW,
        UTC,
    )
    assert (found.customers, found.orders, found.spend) == (2, 2, 100_000)
    assert found.reachable == {"simulator": 2, "email": 1, "sms": 0}
