"""The sample data is the same for everyone, valid, and holds what a marketer meets."""

from datetime import UTC, datetime

from crm.customers.records import CustomerRecord, OrderRecord
from crm.sample import generate

TODAY = datetime(2026, 3, 1, tzinfo=UTC)


def test_it_is_the_same_each_time() -> None:
    assert list(generate.customers(50, TODAY)) == list(generate.customers(50, TODAY))
    assert list(generate.orders(50, 20, TODAY)) == list(generate.orders(50, 20, TODAY))


def test_every_record_is_valid_and_marked_as_sample() -> None:
    customers = [CustomerRecord.model_validate(record) for record in generate.customers(2000, TODAY)]
    orders = [OrderRecord.model_validate(record) for record in generate.orders(8000, 2000, TODAY)]
    assert len({customer.customer_id for customer in customers}) == 2000
    assert len({order.order_id for order in orders}) == 8000
    assert {order.customer_id for order in orders} <= {customer.customer_id for customer in customers}
    assert all(generate.TAG in (customer.tags or ()) for customer in customers)
    assert all((customer.email or "@example.com").endswith("@example.com") for customer in customers)
    assert all(order.placed_at <= TODAY for order in orders)


def test_it_contains_the_awkward_cases() -> None:
    customers = [CustomerRecord.model_validate(record) for record in generate.customers(2000, TODAY)]
    orders = [OrderRecord.model_validate(record) for record in generate.orders(8000, 2000, TODAY)]
    assert any(customer.name is None for customer in customers)
    assert any(customer.email is None and customer.phone is None for customer in customers)
    assert any(customer.consent is False for customer in customers)
    assert any(customer.consents for customer in customers)
    assert len({customer.country for customer in customers}) > 5
    assert {order.status for order in orders} == {"pending", "completed", "cancelled", "refunded"}
    assert any(order.amount < 0 for order in orders)
    spend: dict[str, float] = {}
    for order in orders:
        spend[order.customer_id] = spend.get(order.customer_id, 0) + float(order.amount)
    assert 10 < sum(total > 10_000 for total in spend.values()) < 100
    assert len(spend) < 1_800


def test_none_and_one() -> None:
    assert list(generate.customers(0, TODAY)) == []
    assert list(generate.orders(0, 0, TODAY)) == []
    assert len(list(generate.orders(4, 1, TODAY))) == 4
