"""How records change customers and orders, and how a customer's totals follow their orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm.customers.customer import Customer, Totals, merged
from crm.customers.order import Order, joined, of_record, totals
from crm.customers.packs import Record
from crm.customers.records import CustomerRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Customers and orders after records were applied to them."""

    customers: Mapping[str, Customer]
    """All customers, changed or not; with merged profiles, and with totals as they were before."""

    orders: Mapping[str, Order]
    """The orders that change, with a raised version."""

    dropped: int
    """Records of erased customers."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Orders that a customer loses and gains; a changed order is in both lists."""

    lost: list[Order] = field(default_factory=list)
    gained: list[Order] = field(default_factory=list)


def applied_to(
    customers: Mapping[str, Customer], orders: Mapping[str, Order], records: Iterable[Record]
) -> Applied:
    """The records applied to stored customers and orders; their sequence makes no difference."""
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
            before = changed.get(record.order_id) or orders.get(record.order_id)
            order = candidate if before is None else joined(before, candidate)
            if order is not before:
                changed[record.order_id] = order
    raised: dict[str, Order] = {}
    for order_id, order in changed.items():
        stored = orders.get(order_id)
        raised[order_id] = replace(order, version=stored.version + 1 if stored is not None else 1)
        if order.customer_id not in profiles:
            profiles[order.customer_id] = Customer(customer_id=order.customer_id)
    return Applied(customers=profiles, orders=raised, dropped=dropped)


def movements(changed: Mapping[str, Order], stored: Mapping[str, Order]) -> dict[str, Movement]:
    """By customer, the orders that they lose and gain."""
    found: dict[str, Movement] = {}
    for order_id, order in changed.items():
        found.setdefault(order.customer_id, Movement()).gained.append(order)
        before = stored.get(order_id)
        if before is not None:
            found.setdefault(before.customer_id, Movement()).lost.append(before)
    return found


def totals_after(before: Totals, movement: Movement) -> Totals | None:
    """The totals after a movement, or None if they can only be counted from all orders of the customer.

    That is so when the first or the last order is lost and no gained order takes its place.
    """
    lost, gained = totals(movement.lost), totals(movement.gained)
    count = before.order_count - lost.order_count + gained.order_count
    spend = before.total_spend - lost.total_spend + gained.total_spend
    if count == 0:
        return Totals(total_spend=spend)
    first, last = before.first_order_at, before.last_order_at
    if gained.first_order_at is not None and (first is None or gained.first_order_at <= first):
        first = gained.first_order_at
    elif first is not None and lost.first_order_at == first:
        return None
    if gained.last_order_at is not None and (last is None or gained.last_order_at >= last):
        last = gained.last_order_at
    elif last is not None and lost.last_order_at == last:
        return None
    return Totals(total_spend=spend, order_count=count, first_order_at=first, last_order_at=last)


def recounted_totals(customer_id: str, stored: Sequence[Order], changed: Mapping[str, Order]) -> Totals:
    """The totals of a customer, from all of their stored orders and those that change now."""
    kept = [order for order in stored if order.order_id not in changed]
    return totals(kept + [order for order in changed.values() if order.customer_id == customer_id])
