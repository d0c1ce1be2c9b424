"""In whatever order records come, and however often, the stored result is the same and totals add up."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.customers.customer import Customer
from crm.customers.dead_letters import PARTLY_ERASED, DeadLetter
from crm.customers.order import Order, totals
from crm.customers.others import MAX_KEPT, size_of
from crm.customers.packs import Record
from crm.customers.records import CustomerMessage, CustomerRecord, OrderMessage, OrderRecord
from crm.customers.store.customers import encode
from crm.customers.usecases.persist import ATTEMPTS, MAX_FIELDS, Persisted, PersistRecords
from crm.kernel.errors import Conflict, Invalid, TooLarge, Unavailable
from crm.kernel.versioned import Change, Seen
from tests.support import no_pause

DAY = datetime(2026, 1, 1, tzinfo=UTC)


class FakeRecords:
    """RecordStore in memory: etags are versions, `room` rows fit, the order `refused` is invalid."""

    def __init__(self, room: int = 1000, refused: str = "") -> None:
        self.customers: dict[str, Customer] = {}
        self.orders: dict[str, Order] = {}
        self.letters: dict[str, DeadLetter] = {}
        self.room = room
        self.refused = refused
        self.commits = 0
        self.conflicts = 0

    @property
    def persist(self) -> PersistRecords:
        return PersistRecords(records=self, pause=no_pause)

    async def find(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        await asyncio.sleep(0)
        customers = [self.customers[name] for name in customer_ids if name in self.customers]
        orders = [self.orders[name] for name in order_ids if name in self.orders]
        return (
            {row.customer_id: Seen(row, row.version) for row in customers},
            {row.order_id: Seen(row, row.version) for row in orders},
        )

    async def orders_of(self, customer_id: str) -> Sequence[Order]:
        await asyncio.sleep(0)
        return [order for order in self.orders.values() if order.customer_id == customer_id]

    async def commit(
        self,
        customers: Sequence[Change[Customer]],
        orders: Sequence[Change[Order]],
        letters: Sequence[DeadLetter],
    ) -> None:
        await asyncio.sleep(0)
        if len(customers) + len(orders) + len(letters) > self.room:
            raise TooLarge("too much at once")
        if any(change.row.order_id == self.refused for change in orders):
            raise Invalid.at("orders", "refused")
        same = [_same(self.customers.get(change.row.customer_id), change) for change in customers]
        same += [_same(self.orders.get(change.row.order_id), change) for change in orders]
        if not all(same):
            self.conflicts += 1
            raise Conflict("moved on")
        self.customers |= {change.row.customer_id: change.row for change in customers}
        self.orders |= {change.row.order_id: change.row for change in orders}
        self.letters |= {letter.id: letter for letter in letters}
        self.commits += 1
        self.check()

    def check(self) -> None:
        """Totals are those of the orders, at every commit."""
        for customer in self.customers.values():
            mine = [order for order in self.orders.values() if order.customer_id == customer.customer_id]
            assert customer.totals == totals(mine)
        assert {order.customer_id for order in self.orders.values()} <= self.customers.keys()

    def state(self) -> tuple[Any, Any]:
        """All that is stored, apart from versions, which count how it came about, and from customers of whom
        nothing is left: there is one if an order came before the one that moved it."""
        plain = {name: replace(row, version=0) for name, row in self.customers.items()}
        return (
            {name: row for name, row in plain.items() if row != Customer(customer_id=name)},
            {name: replace(row, version=0) for name, row in self.orders.items()},
        )


def _same(stored: Customer | Order | None, change: Change[Any]) -> bool:
    return (change.seen.etag if change.seen else None) == (stored.version if stored else None)


def order(
    order_id: str = "O", customer_id: str = "C", amount: float = 10, day: int = 0, **more: Any
) -> Record:
    at = DAY + timedelta(days=day)
    raw = {"order_id": order_id, "customer_id": customer_id, "amount": amount, "placed_at": at}
    return OrderRecord.model_validate({**raw, "updated_at": at, **more})


def customer(customer_id: str = "C", day: int = 0, **fields: Any) -> Record:
    at = DAY + timedelta(days=day)
    return CustomerRecord.model_validate({"customer_id": customer_id, "updated_at": at, **fields})


an_order = st.builds(
    order,
    st.sampled_from("OPQ"),
    st.sampled_from("CD"),
    st.integers(-2, 2),
    st.integers(0, 2),
    status=st.sampled_from(["pending", "completed", "refunded"]),
    updated_at=st.sampled_from([DAY, DAY + timedelta(hours=1)]),
)
a_customer = st.builds(
    customer,
    st.sampled_from("CD"),
    st.integers(0, 1),
    name=st.sampled_from(["Mira", "Bo", None]),
    tags=st.sampled_from([[], ["a"], ["b", "a"]]),
    consents=st.sampled_from([{}, {"sms": False}, {"sms": True}]),
    attributes=st.sampled_from([{}, {"x": 1}, {"x": "2020-01-01", "y": True}]),
)
some_records = st.lists(an_order | a_customer, max_size=12)


def stored(batches: Sequence[Sequence[Record]]) -> FakeRecords:
    store = FakeRecords()

    async def run() -> None:
        for batch in batches:
            await store.persist(batch)

    asyncio.run(run())
    return store


@settings(max_examples=60)
@given(some_records, st.randoms(use_true_random=False))
def test_order_repetition_and_batching_make_no_difference(records: list[Record], random: Random) -> None:
    shuffled = records + [record for record in records if random.random() < 0.5]
    random.shuffle(shuffled)
    batches: list[list[Record]] = [[]]
    for record in shuffled:
        if random.random() < 0.4:
            batches.append([])
        batches[-1].append(record)

    assert stored(batches).state() == stored([records]).state()


@settings(max_examples=60)
@given(some_records, st.randoms(use_true_random=False))
def test_concurrent_commits_make_no_difference(records: list[Record], random: Random) -> None:
    store = FakeRecords()

    async def run() -> None:
        await asyncio.gather(*(store.persist([record]) for record in records))

    async def patient() -> None:
        try:
            await run()
        except Unavailable:
            await patient()  # the broker brings all of them again

    asyncio.run(patient())

    assert store.state() == stored([records]).state()


async def test_a_repeated_record_writes_nothing() -> None:
    store = FakeRecords()
    records = [customer(name="Mira"), order()]
    await store.persist(records)
    before = (store.commits, store.customers, store.orders)

    done = await store.persist(records)

    assert (store.commits, store.customers, store.orders) == before
    assert done == Persisted()


async def test_an_order_that_moves_to_another_customer_moves_its_amount() -> None:
    store = FakeRecords()
    await store.persist([order("O", "C", 10), order("P", "C", 5)])

    await store.persist([order("O", "D", 10, day=1)])

    assert store.customers["C"].totals.total_spend == 50_000
    assert store.customers["D"].totals.total_spend == 100_000
    assert not store.customers["D"].known


async def test_an_order_that_adds_nothing_to_the_totals_still_raises_the_customers_version() -> None:
    store = FakeRecords()
    await store.persist([customer()])
    before = store.customers["C"].version

    await store.persist([order(status="pending")])

    assert store.customers["C"].version == before + 1


async def test_a_record_of_an_erased_customer_is_dropped_and_the_rest_is_kept() -> None:
    store = FakeRecords()
    gone = Customer(customer_id="gone", version=4, erased_at=DAY)
    store.customers["gone"] = gone

    done = await store.persist([order(customer_id="gone"), customer("gone"), customer("C")])

    assert done == Persisted(customers=1, dropped=2)
    assert store.customers["gone"] == gone
    assert not store.orders


async def test_too_much_for_one_commit_becomes_several() -> None:
    store = FakeRecords(room=3)

    done = await store.persist([order(str(n), str(n)) for n in range(8)])

    assert done == Persisted(customers=8, orders=8)
    assert len(store.orders) == 8


async def test_a_record_that_the_database_refuses_becomes_a_dead_letter() -> None:
    store = FakeRecords(refused="bad")

    done = await store.persist([*(order(str(n)) for n in range(5)), order("bad"), customer()])

    (letter,) = store.letters.values()
    assert b'"order_id":"bad"' in letter.payload
    assert letter.reason == "orders: refused"
    assert set(store.orders) == set("01234")
    assert done.refused == 1


async def test_dead_letters_are_kept_in_the_commit_of_the_valid_records() -> None:
    store = FakeRecords()
    letter = DeadLetter(source="records", reason="why", payload=b"x")

    await store.persist([order(), letter])

    assert store.letters == {letter.id: letter}
    assert store.commits == 1


async def test_of_what_is_invalid_nothing_is_kept_about_erased_customers() -> None:
    store = FakeRecords()
    store.customers["C-1"] = Customer(customer_id="C-1", version=2, erased_at=DAY)
    payloads = [
        b'{"customer_id":"C-1","email":"mira@@example.com"}',
        b'{"records":[{"customer_id":"C-1"},{"customer_id":"C-2"}]}',
        b"no JSON",
    ]
    letters = [DeadLetter(source="records", reason="why", payload=payload) for payload in payloads]
    assert await store.persist(letters) == Persisted(dropped=1, refused=2)
    assert {(letter.payload, letter.reason) for letter in store.letters.values()} == {
        (b'{"records":[{"customer_id":"C-2"}]}', PARTLY_ERASED),
        (b"no JSON", "why"),
    }


async def test_a_customer_with_too_many_fields_takes_no_more() -> None:
    store = FakeRecords()
    for start in range(0, MAX_FIELDS, 50):
        names = {f"a{start + n}": 1 for n in range(50)}
        await store.persist([customer(attributes=names)])

    done = await store.persist([customer(attributes={"more": 1}), order()])

    assert done.refused == 1
    assert len(store.customers["C"].field_times) == MAX_FIELDS
    assert "O" in store.orders


async def test_endless_conflicts_make_the_broker_deliver_again() -> None:
    class Contended(FakeRecords):
        async def commit(self, *_: Any) -> None:
            self.conflicts += 1
            raise Conflict("again")

    store = Contended()
    with pytest.raises(Unavailable):
        await store.persist([order()])
    assert store.conflicts == ATTEMPTS


@pytest.mark.parametrize("kind", ["customer", "order"])
def test_what_is_not_known_never_outgrows_a_document_and_holds_nothing_up(kind: str) -> None:
    def record(number: int, name: str, text: str) -> CustomerMessage | OrderMessage:
        fields: dict[str, Any] = {"customer_id": "C", "updated_at": DAY + timedelta(number)}
        fields |= {name: [{"text": text}] * 90}
        if kind == "customer":
            return CustomerMessage(**fields)
        return OrderMessage(**fields, order_id="O", amount=5, placed_at=DAY)  # type: ignore[arg-type]

    store = FakeRecords()
    known = CustomerRecord(customer_id="D", city="Leeds", updated_at=DAY)
    large = [record(number, f"f{number}", "x" * 490) for number in range(5)]
    done = asyncio.run(store.persist([*large, known]))

    def others() -> Mapping[str, Any]:
        return store.customers["C"].others if kind == "customer" else store.orders["O"].others

    assert done.refused == 3
    assert len(others()) == 2
    assert store.customers["D"].city == "Leeds"
    asyncio.run(store.persist([record(9, "f0", "small")]))
    asyncio.run(store.persist([record(10, "f3", "x" * 490)]))
    assert [len(value[0]["text"]) for value in others().values()] == [5, 490, 490]


def test_a_row_that_a_newer_version_filled_further_still_changes() -> None:
    store = FakeRecords()
    full = {f"f{number}": "x" * 500 for number in range(300)}
    times = dict.fromkeys(full, DAY)
    store.customers["C"] = Customer(customer_id="C", others=full, field_times=times)
    changed = CustomerMessage(customer_id="C", updated_at=DAY + timedelta(1), **{"f0": "y"})  # type: ignore[arg-type]
    more = CustomerMessage(customer_id="C", updated_at=DAY, **{"g": "y"})  # type: ignore[arg-type]
    assert asyncio.run(store.persist([changed, more])).refused == 1
    assert store.customers["C"].others == {**full, "f0": "y"}


def test_the_fullest_customer_fits_a_document() -> None:
    """Characters beyond the basic plane take most bytes."""
    text = "\N{GRINNING FACE}"
    attributes = {f"{'a' * 57}{number:03}": text * 500 for number in range(MAX_FIELDS)}
    others = {f"{'o' * 57}{number:03}": text * 500 for number in range(46)}
    assert 0.9 * MAX_KEPT < size_of(others) < MAX_KEPT
    fullest = Customer(
        customer_id="C" * 128,
        name=text * 200,
        city=text * 200,
        country=text * 200,
        tags=tuple(f"{number:02}{text * 58}" for number in range(50)),
        attributes=attributes,
        others=others,
        field_times={
            f"attributes.{name}": DAY + timedelta(microseconds=number)
            for number, name in enumerate((*attributes, *others))
        },
    )
    assert size_of(encode(fullest)) < 700_000
