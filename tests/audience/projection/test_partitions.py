"""Partitions: each customer in one, their orders with them, and names that say which."""

from hypothesis import given
from hypothesis import strategies as st

from crm.audience.engine.tables import Tables, applied, empty, rows_of
from crm.audience.projection import manifest as manifests
from crm.audience.projection.manifest import names_in, partition_of, partitions_for
from crm.audience.projection.partitions import folded, split
from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.customers.order import Order
from tests.projection import customer, order

COUNTS = st.sampled_from([1, 2, 64, 1 << 16])


def tables(customers: list[Customer], orders: list[Order]) -> Tables:
    return applied(empty(), encode(customers, orders))


@given(st.text(min_size=1), COUNTS)
def test_a_customers_document_is_in_the_range_of_names_of_their_partition(name: str, count: int) -> None:
    first, end = names_in(partition_of(name, count), count)

    assert first <= customer_key(name)
    assert end is None or customer_key(name) < end


@given(st.text(min_size=1), st.sampled_from([1, 2, 64]))
def test_a_growing_partition_splits_into_whole_partitions(name: str, count: int) -> None:
    assert partition_of(name, 4 * count) // 4 == partition_of(name, count)


def test_the_number_of_partitions_doubles_and_never_decreases() -> None:
    assert partitions_for(0, 4) == 4
    assert partitions_for(manifests.TARGET, 1) == 1
    assert partitions_for(manifests.TARGET + 1, 1) == 2
    assert partitions_for(100 * manifests.TARGET, 2) == 128
    assert partitions_for(10**15, 1) == manifests.HASHES


def test_splitting_keeps_every_customer_with_their_orders() -> None:
    whole = tables(
        [customer(f"C{number}") for number in range(100)],
        [order(f"O{number}", f"C{number}") for number in range(120)],
    )

    parts = split(whole, 8)

    assert sum(part.customers.height for part in parts.values()) == 100
    assert sum(part.orders.height for part in parts.values()) == 120
    for number, part in parts.items():
        ids = {*part.customers["customer_id"], *part.orders["customer_id"]}
        assert {partition_of(each, 8) for each in ids} == {number}


def test_an_older_row_changes_nothing() -> None:
    block = tables([customer("C1", version=3, city="Leeds")], [order("O1", "C1", version=2)])
    late = rows_of(encode([customer("C1", version=2, city="York")], [order("O1", "C1", version=1)]))

    found = folded(block, late, late)

    assert found.customers["city"].to_list() == ["Leeds"]
    assert found.orders["version"].to_list() == [2]
