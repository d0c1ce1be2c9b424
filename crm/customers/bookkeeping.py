"""How records change customers and orders, and how a customer's totals follow their orders.

Nothing here reads or writes: `crm.customers.usecases.persist` brings what is stored and keeps what comes out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm.customers.customer import Customer, Totals, merged
from crm.customers.order import Order, is_newer, of_record, totals
from crm.customers.packs import Record
from crm.customers.records import CustomerRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What records change. `profiles` are customers with their profiles merged, whether changed or not, and
    their totals as they were; `orders` are those that change; `dropped` counts records of the erased."""

    profiles: Mapping[str, Customer]
    orders: Mapping[str, Order]
    dropped: int


@dataclass(frozen=True, slots=True)
class Movement:
    """What leaves a customer's orders and what joins them; a changed order does both."""

    out: list[Order]
    into: list[Order]


def entered(
    records: Iterable[Record], customers: Mapping[str, Customer], orders: Mapping[str, Order]
) -> Entries:
    """The records applied to the stored customers and orders, whatever order they come in."""
    profiles = dict(customers)
    changed: dict[str, Order] = {}
    dropped = 0
    for record in records:
        customer = profiles.get(record.customer_id) or Customer(customer_id=record.customer_id)
        if customer.erased_at is not None:
            dropped += 1
        elif isinstance(record, CustomerRecord):
            profiles[record.customer_id] = merged(customer, record)
        else:
            candidate = of_record(record)
            if is_newer(candidate, changed.get(record.order_id) or orders.get(record.order_id)):
                changed[record.order_id] = candidate
                profiles[record.customer_id] = customer
    raised = {
        order_id: replace(order, version=orders[order_id].version + 1 if order_id in orders else 1)
        for order_id, order in changed.items()
    }
    return Entries(profiles=profiles, orders=raised, dropped=dropped)


def movements(changed: Mapping[str, Order], stored: Mapping[str, Order]) -> dict[str, Movement]:
    """By customer, what the changed orders take from them and give to them."""
    found: dict[str, Movement] = {}
    for order_id, order in changed.items():
        found.setdefault(order.customer_id, Movement([], [])).into.append(order)
        before = stored.get(order_id)
        if before is not None:
            found.setdefault(before.customer_id, Movement([], [])).out.append(before)
    return found


def moved(before: Totals, movement: Movement) -> Totals | None:
    """The totals after a movement, or None where only all of the customer's orders can tell.

    That is when the first or the last order leaves and nothing that joins takes its place.
    """
    out, into = totals(movement.out), totals(movement.into)
    count = before.order_count - out.order_count + into.order_count
    spend = before.total_spend - out.total_spend + into.total_spend
    if count == 0:
        return Totals(total_spend=spend)
    first, last = before.first_order_at, before.last_order_at
    if into.first_order_at is not None and (first is None or into.first_order_at <= first):
        first = into.first_order_at
    elif first is not None and out.first_order_at == first:
        return None
    if into.last_order_at is not None and (last is None or into.last_order_at >= last):
        last = into.last_order_at
    elif last is not None and out.last_order_at == last:
        return None
    return Totals(total_spend=spend, order_count=count, first_order_at=first, last_order_at=last)


def recounted(customer_id: str, stored: Sequence[Order], changed: Mapping[str, Order]) -> Totals:
    """The totals of a customer from all of their stored orders and those that change now."""
    kept = [order for order in stored if order.order_id not in changed]
    return totals(kept + [order for order in changed.values() if order.customer_id == customer_id])
