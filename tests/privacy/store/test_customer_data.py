"""Erasing what is stored about a customer, in the real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.changes import decode
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import PARTLY_ERASED, DeadLetter
from crm.customers.order import Order
from crm.customers.records import CustomerRecord
from crm.customers.store import customers, orders
from crm.customers.store.change_log import LOG
from crm.customers.store.customers import Customers
from crm.customers.store.dead_letters import DeadLetters
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.persist import PersistRecords
from crm.kernel.ids import document_id
from crm.platform.firestore.client import client
from crm.privacy.store import customer_data
from crm.privacy.store.customer_data import FirestoreCustomerData
from crm.privacy.usecases.erase import EraseCustomer
from tests.privacy.memory_ledger import MemoryLedger
from tests.support import no_pause

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = customer_key("C-1")
MIRA = Customer(customer_id="C-1", known=True, email="mira@example.com", name="Mira", version=3)


def order(number: int, customer_id: str = "C-1") -> Order:
    at = NOW + timedelta(hours=number)
    return Order(
        order_id=f"O-{number}",
        customer_id=customer_id,
        amount=10_000 * number,
        currency="GBP",
        status="completed",
        category=None,
        placed_at=at,
        updated_at=at,
        version=1,
    )


async def store(project: str, customer: Customer, *placed: Order) -> None:
    database = client(project)
    batch = database.batch()
    batch.set(
        database.collection(customers.COLLECTION).document(customer_key(customer.customer_id)),
        customers.encode(customer),
    )
    for each in placed:
        batch.set(
            database.collection(orders.COLLECTION).document(document_id(each.order_id)), orders.encode(each)
        )
    await batch.commit()


async def test_erasing_deletes_orders_and_logs_the_change_for_the_audience(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_data, "MAX_ORDERS", 2)
    await store(project, MIRA, *(order(n) for n in range(3)), order(9, "C-2"))
    await EraseCustomer(store=FirestoreCustomerData(client(project)), ledger=MemoryLedger())(KEY, NOW)

    left = (await Customers(client(project)).get(["C-1"]))["C-1"]
    assert left == Customer(customer_id="C-1", version=4, erased_at=NOW)
    assert await FirestoreRecords(client(project)).orders_of("C-1") == []
    assert len(await FirestoreRecords(client(project)).orders_of("C-2")) == 1
    payloads = [document.get("payload") for document in await client(project).collection(LOG).get()]
    rows = [decode(payload)[0] for payload in payloads]
    assert [(row["customer_id"], row["version"], row["removed"]) for row in rows] == [(["C-1"], [4], [True])]
    (document,) = await client(project).collection(customers.COLLECTION).get()
    assert document.to_dict() == {"version": 4, "erased_at": NOW}


async def test_a_customer_who_changed_since_they_were_read_is_not_replaced(project: str) -> None:
    stored = FirestoreCustomerData(client(project))
    await store(project, MIRA, order(1))
    data = await stored.find(KEY)
    assert data is not None
    changed = replace(MIRA, name="Mira Shah", version=4)
    await store(project, changed)

    assert not await stored.replace(data, replace(MIRA, name=None))
    assert (await Customers(client(project)).get(["C-1"]))["C-1"] == changed
    assert len(await FirestoreRecords(client(project)).orders_of("C-1")) == 1
    assert await client(project).collection(LOG).get() == []


async def test_an_order_that_moved_to_another_customer_since_it_was_read_is_not_deleted(project: str) -> None:
    """An erased customer does not change any more, so only the order's own etag can notice it."""
    stored = FirestoreCustomerData(client(project))
    gone = Customer(customer_id="C-1", version=4, erased_at=NOW)
    await store(project, gone, order(1))
    data = await stored.find(KEY)
    assert data is not None
    moved = replace(order(1), customer_id="C-2", version=2)
    name = f"{orders.COLLECTION}/{document_id(moved.order_id)}"
    await client(project).document(name).set(orders.encode(moved))

    assert not await stored.replace(data, gone)
    assert await FirestoreRecords(client(project)).orders_of("C-2") == [moved]


async def test_of_an_unknown_customer_nothing_is_found(project: str) -> None:
    assert await FirestoreCustomerData(client(project)).find(KEY) is None


async def test_erasing_takes_the_customer_out_of_dead_letters(project: str) -> None:
    await store(project, MIRA)
    records = [
        b'{"customer_id":"C-1","amount":"x"}',
        b'{"records":[{"customer_id":"C-1"},{"customer_id":"C-2"}]}',
        b'{"customer_id":"C-2"}',
    ]
    for payload in records:
        letter = DeadLetter(source="records", reason="Mira's", payload=payload)
        await DeadLetters(client(project)).keep_all([letter])
    await EraseCustomer(store=FirestoreCustomerData(client(project)), ledger=MemoryLedger())(KEY, NOW)
    left = await DeadLetters(client(project)).newest(10, datetime.now(UTC))
    assert {(kept.letter.payload, kept.letter.reason) for kept in left} == {
        (b'{"records":[{"customer_id":"C-2"}]}', PARTLY_ERASED),
        (records[2], "Mira's"),
    }
    assert {kept.times for kept in left} == {1}
    document = client(project).document(f"dead_letters/{left[0].letter_id}")
    fields = (await document.get()).to_dict() or {}
    assert fields["expires_at"] - fields["at"] == timedelta(days=30)


async def test_it_is_known_who_was_erased(project: str) -> None:
    await store(project, MIRA)
    data = FirestoreCustomerData(client(project))
    unknown = customer_key("C-2")
    assert await data.erased_at([KEY, unknown]) == {KEY: None}
    await EraseCustomer(store=data, ledger=MemoryLedger())(KEY, NOW)
    assert await data.erased_at([KEY, unknown]) == {KEY: NOW}


async def test_who_is_marked_as_erased_does_not_come_with_late_records(project: str) -> None:
    data = FirestoreCustomerData(client(project))
    for at in (NOW, NOW + timedelta(days=1)):
        await data.mark_erased(KEY, at)
    persist = PersistRecords(records=FirestoreRecords(client(project)), pause=no_pause)
    late = CustomerRecord(customer_id="C-1", email="mira@example.com", updated_at=NOW + timedelta(days=30))
    await persist([late])
    stored = await client(project).collection(customers.COLLECTION).document(KEY).get()
    assert stored.to_dict() == {"version": 1, "erased_at": NOW}


async def test_a_mark_changes_nobody_who_is_there(project: str) -> None:
    await store(project, MIRA)
    await FirestoreCustomerData(client(project)).mark_erased(KEY, NOW)
    assert (await Customers(client(project)).get(["C-1"]))["C-1"] == MIRA


@pytest.mark.parametrize("field", ["tags", "attributes", "field_times", "last_order_at", "birthday"])
async def test_who_cannot_be_read_can_be_erased(project: str, field: str) -> None:
    await store(project, MIRA, order(1))
    document = client(project).collection(customers.COLLECTION).document(KEY)
    await document.update({field: 5})

    await EraseCustomer(store=FirestoreCustomerData(client(project)), ledger=MemoryLedger())(KEY, NOW)
    assert (await document.get()).to_dict() == {"version": 4, "erased_at": NOW}
