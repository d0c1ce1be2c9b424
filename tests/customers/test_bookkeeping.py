"""Totals that follow changed orders equal totals counted from every order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.customers.bookkeeping import Movement, applied_to, movements, recounted_totals, totals_after
from crm.customers.customer import Customer, Totals
from crm.customers.order import Order, totals
from crm.customers.records import CustomerRecord, OrderRecord

DAY = datetime(2026, 1, 1, tzinfo=UTC)

an_order = st.builds(
    lambda order_id, amount, status, day: Order(
        order_id=order_id,
        customer_id="C",
        amount=amount,
        currency="GBP",
        status=status,
        category=None,
        placed_at=DAY + timedelta(days=day),
        updated_at=DAY,
    ),
    st.sampled_from("abcdef"),
    st.integers(-3, 3),
    st.sampled_from(["pending", "completed", "cancelled"]),
    st.integers(0, 3),
)
several = st.lists(an_order, unique_by=lambda order: order.order_id, max_size=6)


@given(several, several)
def test_totals_after_a_change_equal_totals_of_all_orders(
    before: Sequence[Order], after: Sequence[Order]
) -> None:
    stored = {order.order_id: order for order in before}
    changed = {order.order_id: order for order in after}
    every = {**stored, **changed}
    counted = totals(every.values())

    result = totals_after(totals(before), movements(changed, stored).get("C", Movement()))

    assert result in (None, counted)
    assert recounted_totals("C", before, changed) == counted


def test_all_orders_are_needed_only_if_the_first_or_last_is_lost() -> None:
    one, two, three = (
        Order(
            order_id=str(day),
            customer_id="C",
            amount=1,
            currency="GBP",
            status="completed",
            category=None,
            placed_at=DAY + timedelta(days=day),
            updated_at=DAY,
        )
        for day in (1, 2, 3)
    )
    before = totals([one, two, three])

    assert totals_after(before, Movement([two], [])) == totals([one, three])
    assert totals_after(before, Movement([one], [one])) == before
    assert totals_after(totals([one]), Movement([one], [])) == Totals()
    assert totals_after(before, Movement([one], [])) is None
    assert totals_after(before, Movement([three], [])) is None


def test_an_order_before_its_customer_makes_an_unknown_customer() -> None:
    record = OrderRecord.model_validate(
        {"order_id": "O", "customer_id": "C", "amount": 1, "placed_at": DAY, "updated_at": DAY}
    )

    applied = applied_to({}, {}, [record])

    assert not applied.customers["C"].known
    assert applied.orders["O"].version == 1


def test_an_older_order_changes_nothing_and_makes_no_customer() -> None:
    stored = applied_to({}, {}, [OrderRecord.model_validate(_raw(day=2))]).orders

    applied = applied_to({}, stored, [OrderRecord.model_validate(_raw(day=1, customer_id="other"))])

    assert applied.orders == {}
    assert applied.customers == {}


def test_records_of_an_erased_customer_are_dropped() -> None:
    gone = {"C": Customer(customer_id="C", erased_at=DAY)}
    records: list[CustomerRecord | OrderRecord] = [
        OrderRecord.model_validate(_raw(day=2)),
        CustomerRecord(customer_id="C", name="Mira", updated_at=DAY),
    ]

    applied = applied_to(gone, {}, records)

    assert applied.customers == gone
    assert applied.orders == {}
    assert applied.dropped == 2


def _raw(day: int, customer_id: str = "C") -> dict[str, object]:
    at = DAY + timedelta(days=day)
    return {"order_id": "O", "customer_id": customer_id, "amount": 1, "placed_at": DAY, "updated_at": at}
