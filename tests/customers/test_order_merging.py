"""Orders whose records come from two versions, late, twice, and in any batches."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.order import Order
from crm.customers.packs import letter_of, pack
from crm.customers.records import OrderMessage, OrderRecord
from crm.kernel.stored_values import canonical
from tests.customers.later_version import Version, later_version, this_version

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
WHOLE: Final = {"currency": "GBP", "status": "completed", "category": None}
OLD, NEW = this_version(), later_version()


def said(day: int, **fields: Any) -> Mapping[str, Any]:
    """A record of one order, with all fields of version 1."""
    at = (START + timedelta(days=day)).isoformat()
    return {
        "order_id": "O-1",
        "customer_id": "C-1",
        "amount": "5",
        "placed_at": START.isoformat(),
        "updated_at": at,
        **WHOLE,
        **fields,
    }


Stored = Mapping[str, Mapping[str, Any]]
"""The document of each order."""


def after(stored: Stored, version: Version, records: Sequence[Mapping[str, Any]]) -> Stored:
    """The documents after a version applied a batch of records to them."""
    message = json.dumps({"kind": "orders", "records": records}).encode()
    orders = {name: version.store.decode(fields) for name, fields in stored.items()}
    applied = version.bookkeeping.applied_to({}, orders, version.packs.unpack(message))
    return {**stored, **{name: version.store.encode(order) for name, order in applied.orders.items()}}


def gift(stored: Stored) -> Any:
    return stored["O-1"].get("gift")


def without_version(stored: Stored) -> str:
    """The documents as JSON, which tells 1 from 1.0, without their versions."""
    said = {}
    for name, fields in stored.items():
        times = OLD.store.decode_times(fields.get("field_times", "{}"))
        said[name] = {**fields, "version": None, "field_times": times}
    return canonical(said)


def test_a_later_version_knows_the_field() -> None:
    assert "gift" in NEW.order.ORDER
    assert "gift" not in OLD.order.ORDER
    assert OLD.order.Order is Order


@pytest.mark.parametrize("consumer", [OLD, NEW], ids=["older", "newer"])
def test_a_producer_that_does_not_know_a_field_leaves_it(consumer: Version) -> None:
    stored = after({}, NEW, [said(1, gift="ribbon")])
    stored = after(stored, consumer, [said(2, category="shoes")])
    assert (stored["O-1"]["category"], gift(stored)) == ("shoes", "ribbon")


@pytest.mark.parametrize("consumer", [OLD, NEW], ids=["older", "newer"])
def test_a_producer_that_knows_it_empties_it(consumer: Version) -> None:
    stored = after({}, consumer, [said(1, gift="ribbon")])
    for day in (2, 1):
        stored = after(stored, consumer, [said(day, gift=None), said(1, gift="ribbon")])
        assert gift(stored) is None


def test_the_api_states_every_field_of_an_order() -> None:
    sparse = {name: value for name, value in said(2).items() if name not in WHOLE}
    (message,) = NEW.packs.pack("orders", [NEW.records.OrderRecord.model_validate(sparse)])
    stored = after(after({}, NEW, [said(1, gift="ribbon")]), NEW, json.loads(message)["records"])
    assert gift(stored) is None
    assert gift(after({}, NEW, [said(1, gift="ribbon")])) == "ribbon"
    assert json.loads(pack("orders", [OrderRecord.model_validate(sparse)])[0])["records"][0].keys() == (
        said(1).keys()
    )


def test_a_record_of_the_api_is_whole_before_it_is_packed() -> None:
    record = NEW.records.OrderRecord.model_validate(said(1))
    assert NEW.order.of_record(record).field_times.keys() == {"gift"}


@pytest.mark.parametrize("name", WHOLE)
def test_a_sparse_record_of_version_1_states_what_it_leaves_out_as_empty(name: str) -> None:
    other = {"currency": "EUR", "status": "refunded", "category": "shoes"}
    stored = after({}, OLD, [said(1, **other)])
    sparse = {field: value for field, value in said(2).items() if field != name}
    assert without_version(after(stored, OLD, [sparse])) == without_version(after(stored, OLD, [said(2)]))


def test_a_dead_letter_of_a_message_states_no_more_than_the_message() -> None:
    record = OrderMessage.model_validate({**said(1), "shop": "Leeds"})
    assert json.loads(letter_of(record, "too large").payload).keys() == {*said(1), "shop"}


def test_a_late_record_gives_a_field_that_no_later_one_states() -> None:
    for records in permutations([said(1, gift="ribbon", category="shoes"), said(2)]):
        stored: Stored = {}
        for record in records:
            stored = after(stored, OLD, [record])
        assert (stored["O-1"].get("category"), gift(stored)) == (None, "ribbon")


def test_of_records_of_one_time_the_same_one_decides_on_a_field() -> None:
    records = [said(1, gift=text) for text in ("box", "ribbon", "card")]
    ends = set()
    for each in permutations(records):
        stored: Stored = {}
        for record in each:
            stored = after(stored, OLD, [record])
        ends.add(gift(stored))
    assert len(ends) == 1


def test_a_late_field_raises_the_version_once_a_commit_and_a_repeated_one_changes_nothing() -> None:
    stored = after({}, OLD, [said(2)])
    again = after(stored, OLD, [said(1, gift="box"), said(1, shop="Leeds")])
    assert (stored["O-1"]["version"], again["O-1"]["version"]) == (1, 2)
    assert after(again, OLD, [said(1, gift="box")]) == again


def test_a_late_field_of_another_customers_record_changes_nothing() -> None:
    message = json.dumps({"kind": "orders", "records": [said(1, customer_id="C-2", gift="box")]}).encode()
    order = OLD.store.decode(after({}, OLD, [said(2)])["O-1"])
    applied = OLD.bookkeeping.applied_to({}, {"O-1": order}, OLD.packs.unpack(message))
    assert (applied.orders, applied.customers) == ({}, {})


@pytest.mark.parametrize("consumer", [OLD, NEW])
@pytest.mark.parametrize("sequence", list(permutations(range(2))))
def test_an_order_that_moves_takes_nothing_else_of_its_former_customer_along(
    consumer: Version, sequence: tuple[int, ...]
) -> None:
    records = [said(1, gift="to Ann"), said(2, customer_id="C-2")]
    stored: Stored = {}
    for each in sequence:
        stored = after(stored, consumer, [records[each]])
    assert stored["O-1"]["customer_id"] == "C-2"
    assert gift(stored) is None


values = st.sampled_from([None, "box", "ribbon"])
later = st.fixed_dictionaries(
    {},
    optional={
        "gift": values,
        "shop": st.sampled_from([None, 1, 1.0, True, [1], [True], {"a": 1, "b": 2}, {"b": 2, "a": 1}]),
    },
)
a_record = st.builds(
    lambda day, name, first, fields: {**said(day, **first, **fields), "order_id": name},
    st.integers(0, 2),
    st.sampled_from(["O-1", "O-2"]),
    st.fixed_dictionaries(
        {
            "category": st.sampled_from([None, "", "shoes"]),
            "status": st.sampled_from(["pending", "completed"]),
        }
    ),
    later,
)


@given(st.data(), st.lists(a_record, max_size=8))
def test_neither_batches_nor_sequence_nor_versions_make_a_difference(
    data: st.DataObject, records: list[Mapping[str, Any]]
) -> None:
    expected = without_version(after({}, OLD, records))
    left: list[Mapping[str, Any]] = list(data.draw(st.permutations(records)))
    stored: Stored = {}
    while left:
        count = data.draw(st.integers(1, len(left)))
        stored = after(stored, data.draw(st.sampled_from([OLD, NEW])), left[:count])
        left = left[count:]
    assert without_version(stored) == expected
