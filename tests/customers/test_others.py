"""Fields that only a newer version knows: what is kept of them, and what is not."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.customers.batches import BATCHES
from crm.customers.bookkeeping import applied_to
from crm.customers.checks import check_one
from crm.customers.customer import Customer, merged
from crm.customers.dead_letters import DeadLetter
from crm.customers.fields import FieldSpec
from crm.customers.others import MAX_ITEMS, MAX_SIZE, MAX_WIDTH, size_of
from crm.customers.packs import _TAKEN, Kind, Record, unpack
from crm.customers.records import CustomerMessage, CustomerRecord, OrderMessage, OrderRecord
from crm.customers.store import customers, orders
from crm.customers.store.codec import Codec
from crm.kernel.errors import Invalid

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUSTOMER = {"customer_id": "C-1", "updated_at": NOW.isoformat()}
ORDER = {
    "order_id": "O-1",
    "customer_id": "C-1",
    "amount": 5,
    "placed_at": NOW.isoformat(),
    "updated_at": NOW.isoformat(),
}
STORABLE: Mapping[str, Any] = {
    "language": "de",
    "score": 3.5,
    "count": 7,
    "is_new": False,
    "nothing": None,
    "since": "2026-01-01T00:00:00Z",
    "colours": ["red", None, 5],
    "address": {"city": "Leeds", "lines": ["a", "b"]},
    "lines": [{f"f{number}": line for number in range(10)} for line in range(MAX_ITEMS)],
    "addresses": [{"city": "Leeds"}, {"city": "Bath", "at": {"x": 1}}],
}


def read(kind: Kind, record: Mapping[str, Any]) -> Record | DeadLetter:
    (found,) = unpack(json.dumps({"kind": kind, "records": [record], "later": 1}).encode())
    return found


def after(*records: Record | DeadLetter) -> Customer:
    customer = Customer(customer_id="C-1")
    for each in records:
        assert isinstance(each, CustomerRecord)
        customer = merged(customer, each)
    return customer


@pytest.mark.parametrize("name", STORABLE)
def test_a_customers_unknown_field_is_kept_with_its_time(name: str) -> None:
    customer = after(read("customers", {**CUSTOMER, name: STORABLE[name]}))

    assert customer.others == ({} if STORABLE[name] is None else {name: STORABLE[name]})
    assert customer.field_times == {name: NOW}
    assert customers.decode(customers.encode(customer)) == customer


@pytest.mark.parametrize("name", STORABLE)
def test_an_orders_unknown_field_is_kept(name: str) -> None:
    record = read("orders", {**ORDER, name: STORABLE[name]})
    assert isinstance(record, OrderRecord)
    order = applied_to({}, {}, [record]).orders["O-1"]

    assert order.others == ({} if STORABLE[name] is None else {name: STORABLE[name]})
    assert orders.decode(orders.encode(order)) == order


@pytest.mark.parametrize(
    ("kind", "stated", "value"),
    [
        ("text", "de", "de"),
        ("number", 7, 7),
        ("flag", True, True),
        ("day", "1990-05-17", date(1990, 5, 17)),
        ("instant", "2026-01-01T00:00:00.123456Z", datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)),
        ("tags", ["a", "b"], ("a", "b")),
    ],
)
def test_a_newer_version_finds_the_value_as_if_it_had_stored_it(kind: Any, stated: Any, value: Any) -> None:
    newer = Codec({"later": FieldSpec(kind=kind, label="later")})
    stored = customers.encode(after(read("customers", {**CUSTOMER, "later": stated})))
    assert (
        newer.decode(stored) == {"later": value} == newer.decode(newer.encode(SimpleNamespace(later=value)))
    )


def test_unknown_fields_merge_by_time_whatever_comes_first() -> None:
    records = [
        read("customers", {**CUSTOMER, "language": language, "updated_at": at.isoformat()})
        for language, at in (
            ("de", NOW),
            ("fr", NOW),
            (None, NOW - timedelta(days=2)),
            ("en", NOW - timedelta(days=1)),
        )
    ]
    ends = {repr(sorted(after(*each).others.items())) for each in permutations(records)}
    assert ends == {"[('language', 'fr')]"}


def test_a_later_null_empties_an_unknown_field_and_a_repeated_record_changes_nothing() -> None:
    first = read("customers", {**CUSTOMER, "language": "de"})
    gone = read(
        "customers",
        {**CUSTOMER, "language": None, "updated_at": NOW + timedelta(1)}
        | {"updated_at": (NOW + timedelta(days=1)).isoformat()},
    )
    once = after(first, gone)
    assert once.others == {}
    assert isinstance(first, CustomerRecord)
    assert isinstance(gone, CustomerRecord)
    assert merged(merged(once, gone), first) is once


def test_an_object_that_comes_again_with_its_names_in_another_order_changes_nothing() -> None:
    text = b'{"kind":"customers","records":[{"customer_id":"C-1","updated_at":"2026-03-01T12:00:00Z",%s}]}'
    (one,) = unpack(text % b'"address":{"b":[{"x":1,"y":2}],"a":1}')
    (other,) = unpack(text % b'"address":{"a":1,"b":[{"y":2,"x":1}]}')
    for first, second in permutations((one, other)):
        once = after(first)
        assert isinstance(second, CustomerRecord)
        assert merged(once, second) is once


def test_of_two_objects_of_one_time_the_same_one_wins() -> None:
    records = [read("customers", {**CUSTOMER, "place": place}) for place in ({"a": 1}, {"a": 2}, {"a": True})]
    assert len({str(after(*each).others) for each in permutations(records)}) == 1


def test_a_field_whose_name_begins_like_consent_follows_no_rule_of_consent() -> None:
    records = [read("customers", {**CUSTOMER, "consent_source": text}) for text in ("form", "shop")]
    assert {after(*each).others["consent_source"] for each in permutations(records)} == {"shop"}


def test_consents_of_an_unknown_channel_are_kept() -> None:
    customer = after(read("customers", {**CUSTOMER, "consents": {"pigeon": False, "email": True}}))
    assert customer.consents == {"pigeon": False, "email": True}
    assert customers.decode(customers.encode(customer)) == customer


def test_an_order_keeps_what_only_a_newer_version_stored_unless_its_record_states_it() -> None:
    record = read("orders", {**ORDER, "gift": None, "shop": "Leeds"})
    assert isinstance(record, OrderRecord)
    before = replace(applied_to({}, {}, [record]).orders["O-1"], others={"gift": True, "derived": 5})
    later = record.model_copy(update={"updated_at": NOW + timedelta(days=1)})

    order = applied_to({}, {"O-1": before}, [later]).orders["O-1"]
    assert order.others == {"derived": 5, "shop": "Leeds"}
    assert order.version == before.version + 1


@pytest.mark.parametrize("kind", ["customers", "orders"])
@pytest.mark.parametrize(
    "others",
    [
        {"__key__": 1},
        {"a b": 1},
        {"version": 9},
        {"erased_at": "2026-01-01T00:00:00Z"},
        {"customer_key": "x"},
        {"schema": 2},
        {"text": "x" * 501},
        {"number": 1e16},
        {"number": 10**30},
        {"number": 10**400},
        {"number": [-(10**400)]},
        {"wide": list(range(MAX_ITEMS + 1))},
        {"wide": {f"f{number}": number for number in range(MAX_WIDTH + 1)}},
        {"large": [{"text": "x" * 500}] * 100},
        {"large": [{"text": "\N{GRINNING FACE}" * 500}] * 25},
        {f"large{number}": [{"text": "x" * 500}] * 25 for number in range(5)},
        {"deep": {"a": {"b": {"c": {"d": 1}}}}},
        {"lists": [[1]]},
        {"inner": {"not a name": 1}},
        {f"f{number}": number for number in range(MAX_WIDTH)},
    ],
    ids=lambda others: str(others)[:30],
)
def test_what_no_field_could_hold_is_a_dead_letter(kind: Kind, others: dict[str, Any]) -> None:
    found = read(kind, {**(CUSTOMER if kind == "customers" else ORDER), **others})
    assert isinstance(found, DeadLetter)
    assert json.loads(found.payload)["customer_id"] == "C-1"


def test_a_record_among_invalid_ones_may_hold_as_much_as_any_other() -> None:
    record = {**CUSTOMER, "lines": STORABLE["lines"]}
    good, bad = unpack(json.dumps({"kind": "customers", "records": [record, 5]}).encode())
    assert good == read("customers", record)
    assert isinstance(bad, DeadLetter)


names = st.sampled_from([*CustomerMessage.model_fields, *OrderMessage.model_fields]) | st.text(max_size=5)
any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 1e308, float("inf"), float("nan"), "x" * 501])
    | st.sampled_from([[1] * (MAX_ITEMS + 1), [{"a": 1}] * (MAX_ITEMS + 1), ["x" * 500] * MAX_ITEMS])
    | st.floats()
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
a_record = st.builds(
    lambda base, more: {**base, **more},
    st.sampled_from([CUSTOMER, ORDER, {}]),
    st.dictionaries(names, any_json),
)


@given(st.sampled_from(["customers", "orders", "other", None]), st.lists(a_record | any_json, max_size=4))
@example("customers", [{**CUSTOMER, "deep": json.loads("[" * 150 + "]" * 150)}])
def test_no_json_is_too_much_for_reading_it(kind: Any, records: list[Any]) -> None:
    message = json.dumps({"kind": kind, "records": records})
    for text in (message, json.dumps(records), message.replace("nul", "nil")):
        for found in unpack(text.encode()):
            assert isinstance(found, DeadLetter) or size_of(found.model_extra) <= MAX_SIZE


@pytest.mark.parametrize("value", ["1" * 5_000, "1e999", "-1e999", "[" * 5_000, '"\\ud800"', "NaN"])
def test_what_no_parser_takes_is_a_dead_letter_and_the_next_record_is_kept(value: str) -> None:
    good = json.dumps(CUSTOMER)
    bad = f'{good[:-1]},"later":{value}}}'
    message = f'{{"kind":"customers","records":[{bad},{good}]}}'.encode()
    found = unpack(message)
    assert isinstance(found[0], DeadLetter)
    assert len(found) == 1 or found[1] == read("customers", CUSTOMER)


def test_no_message_writes_a_field_that_documents_use_for_something_else() -> None:
    of_documents = customers._KNOWN | orders._KNOWN
    assert of_documents - CustomerMessage.model_fields.keys() - OrderMessage.model_fields.keys() <= _TAKEN


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_the_api_refuses_an_unknown_field_by_its_path(kind: Kind) -> None:
    record = {**(CUSTOMER if kind == "customers" else ORDER), "language": "de"}
    with pytest.raises(Invalid) as refusal:
        check_one(kind, json.dumps(record).encode(), NOW)
    assert [error.path for error in refusal.value.errors] == ["language"]
    with pytest.raises(ValueError, match="language"):
        BATCHES[kind].model_validate({"records": [record]})
