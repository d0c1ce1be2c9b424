"""Persist records: any number, from any number of messages, in one atomic commit.

Records may come twice, late and in any order; what is stored ends the same, and after every commit a
customer's totals match their orders. Each write names the version it was computed from: of two concurrent
commits one fails as a whole and starts again from what the other wrote.
"""

from asyncio import gather
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from crm.customers.bookkeeping import (
    Applied,
    applied_to,
    movements,
    recounted_totals,
    totals_after,
)
from crm.customers.customer import Customer, Totals
from crm.customers.dead_letters import DeadLetter, named_customers, without_customers
from crm.customers.order import Order
from crm.customers.others import MAX_KEPT, size_of
from crm.customers.packs import Record, letter_of
from crm.customers.ports import Pause, RecordStore
from crm.customers.records import OrderRecord
from crm.kernel.errors import Conflict, Invalid, TooLarge, Unavailable
from crm.kernel.versioned import Change, Seen

ATTEMPTS: Final = 8
"""Commits that may conflict before the broker is asked to deliver the records again."""

MAX_FIELDS: Final = 200
"""Fields with a time that a customer or an order may ever have had. More would not fit into one document."""

Row = TypeVar("Row", Customer, Order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persisted:
    """Counts of one call."""

    customers: int = 0
    """Customers that changed."""

    orders: int = 0
    """Orders that changed."""

    dropped: int = 0
    """Records and dead letters of erased customers."""

    refused: int = 0
    """Records kept as dead letters."""

    def __add__(self, other: "Persisted") -> "Persisted":
        return Persisted(
            customers=self.customers + other.customers,
            orders=self.orders + other.orders,
            dropped=self.dropped + other.dropped,
            refused=self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistRecords:
    """Stores records, and as dead letters those that cannot be stored."""

    records: RecordStore
    pause: Pause

    async def __call__(self, items: Sequence[Record | DeadLetter]) -> Persisted:
        """Commit all items together.

        If the database refuses them, halves are tried until the record at fault is found; it becomes a dead
        letter. Raises Unavailable if the database does not answer, or if commits keep conflicting.
        """
        if not items:
            return Persisted()
        try:
            return await self._commit(items)
        except (Invalid, TooLarge) as refusal:
            if len(items) > 1:
                middle = len(items) // 2
                return await self(items[:middle]) + await self(items[middle:])
            if isinstance(items[0], DeadLetter):
                raise
            return await self([letter_of(items[0], str(refusal))])

    async def _commit(self, items: Sequence[Record | DeadLetter]) -> Persisted:
        letters = [item for item in items if isinstance(item, DeadLetter)]
        records = [item for item in items if not isinstance(item, DeadLetter)]
        named = {letter.id: named_customers(letter.payload) for letter in letters}
        for attempt in range(ATTEMPTS):
            customers, orders = await self._find(records, named.values())
            kept = _of_the_present(letters, customers)
            applied = applied_to(_rows(customers), _rows(orders), records)
            changed = await self._with_totals(applied, _rows(customers), _rows(orders))
            for row in changed:
                _check_size("customer", row, customers.get(row.customer_id))
            for order in applied.orders.values():
                _check_size("order", order, orders.get(order.order_id))
            try:
                if changed or kept:
                    await self.records.commit(
                        [Change(row, customers.get(row.customer_id)) for row in changed],
                        [Change(row, orders.get(row.order_id)) for row in applied.orders.values()],
                        kept,
                    )
            except Conflict:
                await self.pause(attempt)
                continue
            return Persisted(
                customers=len(changed),
                orders=len(applied.orders),
                dropped=applied.dropped + len(letters) - len(kept),
                refused=len(kept),
            )
        raise Unavailable("The same customers are changed too often right now.")

    async def _find(
        self, records: Sequence[Record], others: Iterable[Collection[str]]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        """The stored customers and orders of the records, customers who lose an order, and `others`."""
        wanted = {record.customer_id for record in records}.union(*others)
        customers, orders = await self.records.find(
            wanted, {record.order_id for record in records if isinstance(record, OrderRecord)}
        )
        losing = {seen.row.customer_id for seen in orders.values()} - wanted
        if losing:
            customers = {**customers, **(await self.records.find(losing, ()))[0]}
        return customers, orders

    async def _with_totals(
        self, applied: Applied, customers: Mapping[str, Customer], orders: Mapping[str, Order]
    ) -> list[Customer]:
        """The customers that change, with totals that match their orders and a raised version.

        A customer changes with each of their orders, even if the totals stay the same. So two commits that
        change orders of one customer always conflict, and so does an erasure.
        """
        moves = movements(applied.orders, orders)
        totals: dict[str, Totals | None] = {
            customer_id: totals_after(applied.customers[customer_id].totals, movement)
            for customer_id, movement in moves.items()
            if customer_id in applied.customers
        }
        unclear = [customer_id for customer_id, result in totals.items() if result is None]
        stored = await gather(*map(self.records.orders_of, unclear))
        for customer_id, every_order in zip(unclear, stored, strict=True):
            totals[customer_id] = recounted_totals(customer_id, every_order, applied.orders)
        return [
            replace(customer, totals=totals.get(customer_id) or customer.totals, version=customer.version + 1)
            for customer_id, customer in applied.customers.items()
            if customer.erased_at is None
            and (customer_id in moves or customer is not customers.get(customer_id))
        ]


def _of_the_present(
    letters: Iterable[DeadLetter], customers: Mapping[str, Seen[Customer]]
) -> list[DeadLetter]:
    """The letters without what they say of erased customers."""
    erased = {name for name, seen in customers.items() if seen.row.erased_at is not None}
    left = (without_customers(letter, lambda name: name in erased) for letter in letters)
    return [letter for letter in left if letter is not None]


def _check_size(what: str, row: Row, seen: Seen[Row] | None) -> None:
    """Raise Invalid if the row grows beyond what is kept of one. A newer version may have stored more."""
    times = len(row.field_times)
    if times > MAX_FIELDS and (seen is None or times > len(seen.row.field_times)):
        raise Invalid.at("attributes", f"this {what} has had more than {MAX_FIELDS} fields")
    if row.others:
        size = size_of(row.others)
        if size > MAX_KEPT and (seen is None or size > size_of(seen.row.others)):
            reason = f"this {what} has more than {MAX_KEPT:,} bytes in fields that are not known here"
            raise Invalid.at("records", reason)


def _rows(seen: Mapping[str, Seen[Row]]) -> dict[str, Row]:
    return {name: item.row for name, item in seen.items()}
