"""A stored order, and the totals of a customer's orders.

Of the fields of version 1 a record states all: one that it lacks is empty, and the newest record wins as a
whole. A field that came later is merged on its own, by its time: a record that lacks it is of a producer that
does not know it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Final

from crm.customers.customer import Totals, outranks
from crm.customers.fields import AMOUNT, UPDATED_AT, OrderFields, specs_of
from crm.customers.records import OrderMessage, OrderRecord, others_of
from crm.customers.values import OrderStatus
from crm.kernel.money import Money, to_money


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(OrderFields):
    """One order as its records state it."""

    amount: Annotated[Money, AMOUNT]
    updated_at: Annotated[datetime, UPDATED_AT]
    version: int = 0
    """Increases by one with every stored change."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """Fields that this version does not know, as they are stored."""
    field_times: Mapping[str, datetime] = field(default_factory=dict)
    """By field that came after version 1, known here or not, the time of the record that stated it last."""


ORDER: Final = specs_of(Order)

_FIRST: Final = ("order_id", "customer_id", "currency", "status", "category", "placed_at")
"""The fields of version 1, besides the amount and `updated_at`."""

_ADDED: Final = tuple(name for name in specs_of(OrderFields) if name not in _FIRST)
"""Those that came later."""


def of_record(record: OrderRecord, version: int = 0) -> Order:
    """Make the order that a record states. Raises ValueError if the record has no `updated_at`.

    Records of the API are whole. A message that lacks a field of a later version says nothing of it.
    """
    at = record.updated_at
    if at is None:
        raise ValueError("a record is stamped with updated_at before it is stored")
    known = {name: getattr(record, name) for name in _FIRST}
    for name in _ADDED:
        if name in record.model_fields_set or not isinstance(record, OrderMessage):
            known[name] = getattr(record, name)
    others = others_of(record)
    return Order(
        **known,
        amount=to_money(record.amount),
        updated_at=at,
        version=version,
        others={name: value for name, value in others.items() if value is not None} if others else others,
        field_times=dict.fromkeys((*(known.keys() - _FIRST), *others), at) if _ADDED or others else {},
    )


def joined(stored: Order, candidate: Order) -> Order:
    """The stored order after a candidate of the same id; the same object when nothing changes. The version of
    one that changes is raised with its commit.

    The newer one wins; a field that came after version 1 takes the value of the latest record that states it.
    So candidates may come in any order. When an order moves to another customer, the newer one has all: what
    else was stated may be about the former one.
    """
    newest = candidate if _rank(candidate) > _rank(stored) else stored
    has_later_fields = candidate.field_times or stored.field_times or stored.others
    if stored.customer_id != candidate.customer_id or not has_later_fields:
        return newest
    won = {
        name: at
        for name, at in candidate.field_times.items()
        if (known_at := stored.field_times.get(name)) is None
        or outranks(name, (at, _later(candidate, name)), (known_at, _later(stored, name)))
    }
    if newest is stored and not won:
        return stored
    others = {**stored.others, **{name: _later(candidate, name) for name in won if name not in _ADDED}}
    return replace(
        newest,
        others={name: value for name, value in others.items() if value is not None} if others else others,
        field_times={**stored.field_times, **won},
        **{name: getattr(candidate if name in won else stored, name) for name in _ADDED},
    )


def _later(order: Order, name: str) -> Any:
    """The value of a field that came after version 1."""
    return getattr(order, name) if name in _ADDED else order.others.get(name)


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


def _rank(order: Order) -> tuple[datetime, int, str, Money, str, bool, str, datetime]:
    """A total order over what records of version 1 state of one order."""
    return (
        order.updated_at,
        _PROGRESS.index(order.status),
        order.customer_id,
        order.amount,
        order.currency,
        order.category is not None,
        order.category or "",
        order.placed_at,
    )
