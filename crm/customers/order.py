"""A stored order, and the totals of a customer's orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Final

from crm.customers.customer import Totals
from crm.customers.fields import AMOUNT, UPDATED_AT, OrderFields, specs_of
from crm.customers.records import OrderRecord, others_of
from crm.customers.values import OrderStatus
from crm.kernel.money import Money, to_money


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(OrderFields):
    """One order as its newest record states it."""

    amount: Annotated[Money, AMOUNT]
    updated_at: Annotated[datetime, UPDATED_AT]
    version: int = 0
    """Increases by one with every stored change."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """Fields that this version does not know, as they are stored."""


ORDER: Final = specs_of(Order)

_AS_RECORDED: Final = tuple(specs_of(OrderFields))


def of_record(record: OrderRecord, version: int = 0) -> Order:
    """Make the order that a record states. Raises ValueError if the record has no `updated_at`."""
    if record.updated_at is None:
        raise ValueError("a record is stamped with updated_at before it is stored")
    return Order(
        **{name: getattr(record, name) for name in _AS_RECORDED},
        amount=to_money(record.amount),
        updated_at=record.updated_at,
        version=version,
        others=others_of(record),
    )


def replacing(order: Order, stored: Order | None) -> Order:
    """The order as it replaces the stored one: with a raised version.

    It keeps what a newer version stored and this one does not know, unless its record states that too.
    """
    kept = {**stored.others, **order.others} if stored is not None else order.others
    others = {name: value for name, value in kept.items() if value is not None} if kept else kept
    return replace(order, version=stored.version + 1 if stored is not None else 1, others=others)


def is_newer(candidate: Order, stored: Order | None) -> bool:
    """Whether the candidate replaces the stored order. The other fields break a tie on `updated_at`."""
    return stored is None or _rank(candidate) > _rank(stored)


def totals(orders: Iterable[Order]) -> Totals:
    """Total the completed orders: spend sums signed amounts; count and dates consider positive ones only."""
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
