from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm.customers.customer import Customer, erased, merged
from crm.customers.records import CustomerRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


def record(day: int, **fields: Any) -> CustomerRecord:
    return CustomerRecord(customer_id="C", updated_at=START + timedelta(days=day), **fields)


def after(*records: CustomerRecord) -> Customer:
    customer = Customer(customer_id="C")
    for each in records:
        customer = merged(customer, each)
    return customer


def test_each_field_keeps_its_newest_value() -> None:
    customer = after(record(2, name="New", city="Leeds"), record(1, name="Old", country="France"))

    assert (customer.name, customer.city, customer.country) == ("New", "Leeds", "France")


def test_a_field_left_out_stays_and_a_null_empties_it() -> None:
    customer = after(record(1, name="Ada", city="Leeds"), record(2, name=None))

    assert (customer.name, customer.city) == (None, "Leeds")


def test_attributes_and_consents_are_merged_by_key() -> None:
    customer = after(
        record(1, attributes={"size": 38, "vip": True}, consents={"sms": False}),
        record(2, attributes={"vip": None}, consents={"email": False}),
    )

    assert customer.attributes == {"size": 38.0}
    assert customer.consents == {"sms": False, "email": False}


def test_a_repeated_record_changes_nothing() -> None:
    once = after(record(1, name="Ada", tags=["b", "a", "b"]))

    assert merged(once, record(1, name="Ada", tags=["b", "a", "b"])) is once
    assert once.tags == ("a", "b")


def test_at_equal_times_a_refusal_outranks_consent() -> None:
    for order in permutations((record(1, consent=True), record(1, consent=False))):
        assert after(*order).consent is False


def test_an_order_alone_does_not_make_a_customer_known() -> None:
    assert not Customer(customer_id="C").known
    assert after(record(1)).known


def test_erased_stays_erased() -> None:
    gone = erased(after(record(1, name="Ada", email="ada@example.com")), START)

    assert gone.email is None
    assert merged(gone, record(9, name="Ada")) is gone


RECORDS = st.builds(
    record,
    st.integers(0, 3),
    name=st.sampled_from(["Ada", "Bea", None]),
    consent=st.sampled_from([True, False, None]),
    tags=st.sampled_from([["x"], ["y", "x"], None]),
    attributes=st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from([1, "1", True, None])),
)


@given(st.lists(RECORDS, max_size=5).flatmap(lambda rs: st.tuples(st.just(rs), st.permutations(rs + rs))))
def test_any_order_and_any_repetition_end_alike(
    case: tuple[list[CustomerRecord], list[CustomerRecord]],
) -> None:
    once, shuffled = case

    assert after(*once) == after(*shuffled)
