"""An order as we keep it, and what a customer's orders add up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm.customers.customer import Totals
from crm.customers.records import OrderRecord, OrderStatus
from crm.kernel.money import Money, to_money


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order: the newest of all that was said of it. `version` rises with every stored change."""

    order_id: str
    customer_id: str
    amount: Money
    currency: str
    status: OrderStatus
    category: str | None
    placed_at: datetime
    updated_at: datetime
    version: int = 0


def of_record(record: OrderRecord, version: int = 0) -> Order:
    """The order that a stamped record tells of."""
    if record.updated_at is None:
        raise ValueError("a record is stamped with updated_at before it is stored")
    return Order(
        order_id=record.order_id,
        customer_id=record.customer_id,
        amount=to_money(record.amount),
        currency=record.currency,
        status=record.status,
        category=record.category,
        placed_at=record.placed_at,
        updated_at=record.updated_at,
        version=version,
    )


def is_newer(candidate: Order, stored: Order | None) -> bool:
    """Whether the candidate replaces the stored one; of two at the same time, always the same one wins."""
    return stored is None or _rank(candidate) > _rank(stored)


def totals(orders: Iterable[Order]) -> Totals:
    """Completed amounts, signed, make the spend; completed positive orders make the count and the dates."""
    spend = 0
    count = 0
    first: datetime | None = None
    last: datetime | None = None
    for order in orders:
        if order.status != "completed":
            continue
        spend += order.amount
        if order.amount > 0:
            count += 1
            first = order.placed_at if first is None else min(first, order.placed_at)
            last = order.placed_at if last is None else max(last, order.placed_at)
    return Totals(total_spend=spend, order_count=count, first_order_at=first, last_order_at=last)


_PROGRESS: tuple[OrderStatus, ...] = ("pending", "completed", "cancelled", "refunded")


def _rank(order: Order) -> tuple[datetime, int, str, Money, str, str, datetime]:
    return (
        order.updated_at,
        _PROGRESS.index(order.status),
        order.customer_id,
        order.amount,
        order.currency,
        order.category or "",
        order.placed_at,
    )
