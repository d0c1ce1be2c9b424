"""Customers and orders survive the way into Firestore and back."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crm.customers.customer import Customer, Totals, erased
from crm.customers.customer_key import customer_key, use_secret
from crm.customers.order import Order
from crm.customers.store import customers, orders
from crm.customers.store.customers import SENDING, Customers, Recipients
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from tests.support import ID_KEY

pytestmark = pytest.mark.emulator

AT = datetime(2026, 2, 20, 18, 5, 0, 123456, tzinfo=UTC)
FULL = Customer(
    customer_id="C/1 ünïcode",
    known=True,
    email="mira@example.com",
    phone="+44 20 7946 0018",
    name="Mira Shah",
    city="Leeds",
    country="United Kingdom",
    birthday=date(1990, 5, 17),
    created_at=AT,
    visits=7,
    last_active_at=AT,
    tags=("a", "b"),
    consent=False,
    consents={"sms": False},
    attributes={"gold": True, "shoe": 38.0, "since": date(2020, 1, 2), "word": "x"},
    suppressions={"email": "bounced"},
    field_times={"email": AT, "name": AT, "attributes.shoe": datetime(1969, 1, 1, tzinfo=UTC)},
    totals=Totals(total_spend=-5, order_count=2, first_order_at=AT, last_order_at=AT),
    version=3,
)
GONE = erased(replace(FULL, customer_id="gone"), AT)
IDS = (FULL.customer_id, "gone", "nobody")
KEYS = [customer_key(name) for name in IDS]


def _exact(customer: Customer) -> str:
    """The types too: Firestore has its own kind of datetime, and maps without an order."""
    return repr(replace(customer, attributes=dict(sorted(customer.attributes.items()))))


@pytest.mark.parametrize(
    "customer", [FULL, Customer(customer_id="stub"), Customer(customer_id="gone", erased_at=AT)]
)
async def test_a_customer_comes_back_as_it_was(project: str, customer: Customer) -> None:
    database = client(project)
    name = f"{customers.COLLECTION}/{customer_key(customer.customer_id)}"
    await database.document(name).set(customers.encode(customer))

    found = await Customers(database).get([customer.customer_id, "nobody"])

    assert found == {customer.customer_id: customer}
    assert _exact(found[customer.customer_id]) == _exact(customer)


async def test_who_sends_reads_all_of_a_customer_but_the_times_of_their_fields(project: str) -> None:
    assert {"field_times", *SENDING} == customers.encode(FULL).keys() | {"erased_at"}
    await _stored(project, FULL, GONE)

    found = await Recipients(client(project)).get(KEYS)

    assert found == {KEYS[0]: replace(FULL, field_times={}), KEYS[1]: replace(GONE, customer_id="")}


def test_of_an_erased_customer_only_the_time_of_the_erasure_is_stored() -> None:
    assert customers.encode(GONE) == {"version": FULL.version, "erased_at": AT}


async def test_ids_and_names_are_found_by_key_but_of_the_erased(project: str) -> None:
    await _stored(project, FULL, GONE)
    stored = Customers(client(project))
    assert await stored.named(KEYS) == {KEYS[0]: (FULL.customer_id, FULL.name)}
    assert await stored.erased(IDS) == {"gone"}


async def test_another_secret_than_that_of_the_stored_customers_is_noticed(project: str) -> None:
    stored = Customers(client(project))
    assert await stored.fit_secret()
    await _stored(project, GONE, FULL)
    assert await stored.fit_secret()

    use_secret("another secret")
    try:
        assert not await stored.fit_secret()
    finally:
        use_secret(ID_KEY)


async def _stored(project: str, *people: Customer) -> None:
    for customer in people:
        path = customers.path_of(customer.customer_id)
        await client(project).document(path).set(customers.encode(customer))


@pytest.mark.parametrize("category", ["shoes", None])
async def test_an_order_comes_back_as_it_was(project: str, category: str | None) -> None:
    order = Order(
        order_id="O-1",
        customer_id="C-1",
        amount=-123_400,
        currency="GBP",
        status="refunded",
        category=category,
        placed_at=AT,
        updated_at=AT,
        version=2,
    )
    path = orders.path_of("O-1")
    await client(project).document(path).set(orders.encode(order))

    stored = await documents.get(client(project), path)

    assert stored is not None
    assert repr(orders.decode(stored.fields)) == repr(order)
