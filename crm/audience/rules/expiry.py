"""The day on which a customer stops matching a rule with a relative time, if their data stays as it is.

A verdict can only change on days when a relative time passes one of the customer's own times. Only these days
are evaluated.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from crm.audience.rules.fields import DAYS_TO_BIRTHDAY
from crm.audience.rules.match import match
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition
from crm.audience.rules.values import UntypedLiteral
from crm.customers.customer import TOTALS, Customer
from crm.customers.fields import PROFILE
from crm.customers.order import Order
from crm.kernel.moments import Relative, instant_of, local_day, start_of

_NEAR = range(-3, 5)
"""Days tried around a crossing: months differ in length, and a bound may be inclusive or exclusive."""

_A_YEAR = range(367)
_DAY = timedelta(days=1)


def expires_on(
    node: Node, customer: Customer, orders: Sequence[Order], now: datetime, zone: tzinfo
) -> date | None:
    """The first day at whose end a node that holds now no longer holds.

    None where it has no relative time, or never stops holding.
    """
    rules = node if isinstance(node, Group) else Group("and", (node,))

    def holds(day: date) -> bool:
        end = start_of(day + _DAY, zone) - timedelta(microseconds=1)
        return match(rules, customer, orders, end, zone).holds

    today = local_day(now, zone)
    days = {day for day in _candidates(node, customer, orders, now, zone) if day >= today}
    return next((day for day in sorted(days) if not holds(day)), None)


def _candidates(
    node: Node, customer: Customer, orders: Sequence[Order], now: datetime, zone: tzinfo
) -> Iterator[date]:
    for condition, times in _timed(node, customer, orders):
        if condition.field.name == DAYS_TO_BIRTHDAY:
            yield from (local_day(now, zone) + number * _DAY for number in _A_YEAR)
        for relative in _relatives(condition):
            for at in times:
                crossing = _shifted(at, Relative(-relative.offset, relative.unit), zone)
                if crossing is not None:
                    yield from (crossing + number * _DAY for number in _NEAR)


def _timed(
    node: Node, customer: Customer, orders: Sequence[Order]
) -> Iterator[tuple[Condition, Iterable[datetime]]]:
    """Each condition, with the times of the customer or of the orders that it may compare."""
    match node:
        case Group():
            for each in node.nodes:
                yield from _timed(each, customer, orders)
        case OrderCondition():
            for condition, _ in _timed(node.where, customer, orders):
                yield condition, [order.placed_at for order in orders]
        case Condition():
            yield node, _times_of(customer)


def _times_of(customer: Customer) -> list[datetime]:
    values = (
        *(getattr(customer, name) for name in PROFILE),
        *(getattr(customer.totals, name) for name in TOTALS),
        *customer.attributes.values(),
    )
    return [
        at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)
        for at in values
        if isinstance(at, date)
    ]


def _relatives(condition: Condition) -> Iterator[Relative]:
    for value in condition.value if isinstance(condition.value, tuple) else (condition.value,):
        moment = value.moment if isinstance(value, UntypedLiteral) else value
        if isinstance(moment, Relative):
            yield moment


def _shifted(at: datetime, by: Relative, zone: tzinfo) -> date | None:
    try:
        return local_day(instant_of(by, at, zone), zone)
    except (OverflowError, ValueError):
        return None
