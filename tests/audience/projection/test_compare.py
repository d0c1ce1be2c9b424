"""Differences are found in either direction, and nothing else is one."""

from dataclasses import replace

import pytest

from crm.audience.engine.tables import Tables, applied, empty
from crm.audience.projection.compare import Difference, differences
from crm.customers.changes import encode
from crm.customers.customer import Customer, erased
from crm.customers.order import Order
from tests.projection import NOW, customer, order

MIRA = customer("C1", city="Leeds", tags=("a", "b"), attributes={"size": 4.0, "tier": "gold"})


def tables(customers: list[Customer], orders: list[Order]) -> Tables:
    return applied(empty(), encode(customers, orders))


def test_the_same_rows_do_not_differ() -> None:
    other = replace(MIRA, attributes={"tier": "gold", "size": 4.0})

    assert list(differences(tables([MIRA], []), tables([other], []))) == []


@pytest.mark.parametrize(
    ("have", "want", "what"),
    [
        ([], [MIRA], "missing"),
        ([MIRA], [], "surplus"),
        ([MIRA], [replace(MIRA, city="York")], "city: 'Leeds' for 'York'"),
        ([MIRA], [replace(MIRA, city=None)], "city: 'Leeds' for None"),
        ([MIRA], [replace(MIRA, tags=("a",))], "tags: ['a', 'b'] for ['a']"),
        ([MIRA], [replace(MIRA, version=2)], "version: 1 for 2"),
    ],
)
def test_a_row_that_differs_is_reported(have: list[Customer], want: list[Customer], what: str) -> None:
    found = list(differences(tables(have, []), tables(want, [])))

    assert found == [Difference("customer", "C1", what)]


def test_another_attribute_is_a_difference() -> None:
    other = replace(MIRA, attributes={"size": 5.0, "tier": "gold"})

    (found,) = differences(tables([MIRA], []), tables([other], []))

    assert found.what.startswith("attributes: ")


def test_orders_are_compared_only_with_their_customer() -> None:
    gone = replace(erased(customer("C1"), NOW), version=2)
    placed = order("O1", "C1")

    assert list(differences(tables([gone], [placed]), tables([gone], []))) == []
    assert list(differences(tables([MIRA], [placed]), tables([MIRA], []))) == [
        Difference("order", "O1", "surplus")
    ]
