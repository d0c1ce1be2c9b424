"""Persist records: any number of them, from any number of messages, as one atomic commit.

Records may come twice, late and in any order; what is stored ends the same, and at every commit a customer's
totals are those of their orders. The commit names what it was made from, so of two that compete one fails
whole and starts again from what the other wrote.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from crm.customers.bookkeeping import Entries, entered, moved, movements, recounted
from crm.customers.customer import Customer, Totals
from crm.customers.dead_letters import DeadLetter, named_customers
from crm.customers.order import Order
from crm.customers.packs import Record, letter_of
from crm.customers.ports import RecordStore
from crm.customers.records import OrderRecord
from crm.kernel.errors import Conflict, Invalid, TooLarge, Unavailable
from crm.kernel.versioned import Change, Seen

ATTEMPTS = 8
"""Commits tried before the broker is asked to bring the records again."""

Row = TypeVar("Row", Customer, Order)

MAX_FIELDS = 200
"""Fields that a customer may ever have been told of; more would not fit into one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persisted:
    """How many rows changed, how many records were of erased customers and dropped, how many were kept as
    dead letters."""

    customers: int = 0
    orders: int = 0
    dropped: int = 0
    refused: int = 0

    def __add__(self, other: "Persisted") -> "Persisted":
        return Persisted(
            customers=self.customers + other.customers,
            orders=self.orders + other.orders,
            dropped=self.dropped + other.dropped,
            refused=self.refused + other.refused,
        )


async def persist(
    books: RecordStore, items: Sequence[Record | DeadLetter], pause: Callable[[int], Awaitable[None]]
) -> Persisted:
    """Store records, and beside them what cannot be one. `pause(attempt)` waits before another attempt.

    What the database refuses is halved until the one at fault is found, and kept as a dead letter.
    Raises Unavailable where the database does not answer, or others keep being faster.
    """
    if not items:
        return Persisted()
    try:
        return await _persist_together(books, items, pause)
    except (Invalid, TooLarge) as refusal:
        if len(items) > 1:
            half = len(items) // 2
            return await persist(books, items[:half], pause) + await persist(books, items[half:], pause)
        if isinstance(items[0], DeadLetter):
            raise
        return await persist(books, [letter_of(items[0], str(refusal))], pause)


async def _persist_together(
    books: RecordStore, items: Sequence[Record | DeadLetter], pause: Callable[[int], Awaitable[None]]
) -> Persisted:
    letters = [item for item in items if isinstance(item, DeadLetter)]
    records = [item for item in items if not isinstance(item, DeadLetter)]
    spoken_of = {letter.id: named_customers(letter.payload) for letter in letters}
    for attempt in range(ATTEMPTS):
        customers, orders = await _seen(books, records, spoken_of.values())
        kept = [letter for letter in letters if not _all_erased(spoken_of[letter.id], customers)]
        entries = entered(records, _rows(customers), _rows(orders))
        changed = await _with_totals(books, entries, _rows(customers), _rows(orders))
        _check_sizes(changed)
        try:
            if changed or kept:
                await books.commit(
                    [Change(row, customers.get(row.customer_id)) for row in changed],
                    [Change(row, orders.get(row.order_id)) for row in entries.orders.values()],
                    kept,
                )
        except Conflict:
            await pause(attempt)
            continue
        return Persisted(
            customers=len(changed),
            orders=len(entries.orders),
            dropped=entries.dropped + len(letters) - len(kept),
            refused=len(kept),
        )
    raise Unavailable("Others kept changing the same customers.")


async def _seen(
    books: RecordStore, records: Sequence[Record], others: Iterable[Collection[str]]
) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
    """What is stored of the records' customers and orders, of whom an order would move away from, and of
    `others`."""
    wanted = {record.customer_id for record in records}.union(*others)
    customers, orders = await books.find(
        wanted, {record.order_id for record in records if isinstance(record, OrderRecord)}
    )
    left = {seen.row.customer_id for seen in orders.values()} - wanted
    if left:
        customers = {**customers, **(await books.find(left, ()))[0]}
    return customers, orders


def _all_erased(names: Collection[str], customers: Mapping[str, Seen[Customer]]) -> bool:
    return bool(names) and all(
        name in customers and customers[name].row.erased_at is not None for name in names
    )


async def _with_totals(
    books: RecordStore, entries: Entries, customers: Mapping[str, Customer], orders: Mapping[str, Order]
) -> list[Customer]:
    """The customers that change, their totals following their orders and their version raised.

    A customer changes with each of their orders, whatever it does to the totals: so two who change orders
    of one customer always meet, and so do they and an erasure.
    """
    moves = movements(entries.orders, orders)
    totals: dict[str, Totals | None] = {
        customer_id: moved(entries.profiles[customer_id].totals, movement)
        for customer_id, movement in moves.items()
        if customer_id in entries.profiles
    }
    unclear = [customer_id for customer_id, result in totals.items() if result is None]
    for customer_id, stored in zip(unclear, await gather(*map(books.orders_of, unclear)), strict=True):
        totals[customer_id] = recounted(customer_id, stored, entries.orders)
    return [
        replace(profile, totals=totals.get(customer_id) or profile.totals, version=profile.version + 1)
        for customer_id, profile in entries.profiles.items()
        if profile.erased_at is None and (customer_id in moves or profile is not customers.get(customer_id))
    ]


def _check_sizes(customers: Sequence[Customer]) -> None:
    for customer in customers:
        if len(customer.field_times) > MAX_FIELDS:
            raise Invalid.at("attributes", f"this customer has been told of in over {MAX_FIELDS} fields")


def _rows(seen: Mapping[str, Seen[Row]]) -> dict[str, Row]:
    return {name: item.row for name, item in seen.items()}
