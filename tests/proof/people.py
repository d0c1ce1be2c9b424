"""Customers, their orders, and the audience that rules see, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.customers.changes import encode
from crm.customers.customer import Customer
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import DeadLetter
from crm.customers.order import Order
from crm.customers.reach import unreachable_reason
from crm.kernel.versioned import Change, Seen
from crm.privacy.customer_data import CustomerData
from tests.proof.memory import Database, Store, Table
from tests.proof.stage import asked, away, conflict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class People(Store):
    """`RecordStore`, `CustomerDataStore`, `Recipients` and `Audience`.

    `unreachable` maps a customer to the commit since which nothing may be sent to them.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.unreachable: dict[str, int] = {}
        self._snapshot: tuple[list[Any], Snapshot] | None = None

    @asked(away)
    def find_rows(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        return _seen(self.db.customers, customer_ids), _seen(self.db.orders, order_ids)

    @asked(away)
    def find_by_key(self, key: str) -> Seen[Customer] | None:
        return self._of_key(key)

    @asked(away)
    def orders_of(self, customer_id: str) -> Sequence[Order]:
        return [order for order in self.db.orders.values_of() if order.customer_id == customer_id]

    @asked(conflict)
    def commit(
        self,
        customers: Sequence[Change[Customer]],
        orders: Sequence[Change[Order]],
        letters: Sequence[DeadLetter],
    ) -> None:
        for person in customers:
            self.db.customers.require(person.row.customer_id, person.seen and person.seen.etag)
        for order in orders:
            self.db.orders.require(order.row.order_id, order.seen and order.seen.etag)
        for person in customers:
            self.put(person.row)
        for order in orders:
            self.db.put(self.db.orders, order.row.order_id, order.row)
        self.db.committed()

    @asked(away)
    def find_data(self, key: str) -> CustomerData | None:
        stored = self._of_key(key)
        if stored is None:
            return None
        orders = [o.order_id for o in self.db.orders.values_of() if customer_key(o.customer_id) == key]
        return CustomerData(key=key, customer=stored, documents=dict.fromkeys(orders))

    @asked(lambda: False)
    def replace_data(self, data: CustomerData, remains: Customer) -> bool:
        name = self._names()[data.key]
        stored = self.db.customers[name]
        if stored.version != data.customer.etag:
            return False
        self.put(replace(remains, customer_id=name))
        for order in data.documents:
            self.db.orders.pop(order, None)
        self.db.committed()
        return True

    @asked(away)
    def get(self, keys: Sequence[str]) -> Mapping[str, Customer]:
        found = {key: self._of_key(key) for key in keys}
        return {key: seen.row for key, seen in found.items() if seen is not None}

    @asked(away)
    def snapshot(self) -> Snapshot:
        state = [(name, stored.version) for name, stored in self.db.customers.items()]
        if self._snapshot is None or self._snapshot[0] != state:
            payloads = encode(list(self.db.customers.values_of()), list(self.db.orders.values_of()))
            self._snapshot = state, _snapshot_of(tuple(payloads))
        return self._snapshot[1]

    def put(self, customer: Customer) -> None:
        self.db.put(self.db.customers, customer.customer_id, customer)
        if unreachable_reason(customer, "simulator") is None:
            self.unreachable.pop(customer.customer_id, None)
        else:
            self.unreachable.setdefault(customer.customer_id, self.db.commits + 1)

    def _names(self) -> Mapping[str, str]:
        return {customer_key(name): name for name in self.db.customers}

    def _of_key(self, key: str) -> Seen[Customer] | None:
        """What is stored under a key: of an erased customer not the id."""
        name = self._names().get(key)
        if name is None:
            return None
        stored = self.db.customers[name]
        row = stored.value
        return Seen(row if row.erased_at is None else replace(row, customer_id=""), stored.version)


class RecordStore:
    """`RecordStore` and `CustomerStore` over `People`."""

    def __init__(self, people: People) -> None:
        self.find = people.find_rows
        self.orders_of = people.orders_of
        self.find_by_key = people.find_by_key
        self.commit = people.commit


class CustomerDataStore:
    """`CustomerDataStore` over `People`."""

    def __init__(self, people: People) -> None:
        self.find = people.find_data
        self.replace = people.replace_data


@lru_cache(maxsize=1000)
def _snapshot_of(payloads: tuple[bytes, ...]) -> Snapshot:
    """Kept, because most examples begin with the same people."""
    return snapshot_of(applied(empty(), payloads), EPOCH)


def _seen(table: Table[Any], names: Collection[str]) -> dict[str, Seen[Any]]:
    return {name: Seen(table[name].value, table[name].version) for name in names if name in table}
