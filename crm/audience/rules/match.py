"""Evaluates a rule tree for one customer by plain comparison, and keeps the result of each node.

Agrees with `crm.audience.engine.compile` on every rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from crm.audience.rules.birthdays import days_to_birthday
from crm.audience.rules.fields import (
    ATTRIBUTES,
    CONSENTS,
    COUNTED_STATUS,
    DAYS_TO_BIRTHDAY,
    POSITIVE,
    Kind,
    Operator,
)
from crm.audience.rules.spans import Clock
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition, mentions
from crm.audience.rules.values import Literal, UntypedLiteral, Value
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.kernel.moments import Moment, Relative, day_of, instant_of, is_whole_day, local_day
from crm.kernel.money import SCALE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a node holds for the customer, and why."""

    node: Node
    holds: bool
    actual: object = None
    """The customer's value, or the count or sum of the matching orders; None for a group."""
    parts: tuple["Verdict", ...] = ()
    """The verdicts on the nodes of a group."""


def match(rules: Group, customer: Customer, orders: Sequence[Order], now: datetime, zone: tzinfo) -> Verdict:
    """The verdict on a customer with all their orders. Ignores whether they are `known`."""
    return _of_customer(rules, customer, orders, Clock(now, zone))


def _of_customer(node: Node, customer: Customer, orders: Sequence[Order], clock: Clock) -> Verdict:
    if isinstance(node, Group):
        return _grouped(node, tuple(_of_customer(each, customer, orders, clock) for each in node.nodes))
    if isinstance(node, OrderCondition):
        matching = [order for order in orders if _counts(node.where, order, clock)]
        actual = sum(order.amount for order in matching) if node.amount else len(matching)
        return Verdict(node, _reaches(node, Decimal(actual) / (SCALE if node.amount else 1)), actual)
    value = _customer_value(customer, node.field.name, clock)
    return Verdict(node, _holds(node, value, clock), value)


def _reaches(node: OrderCondition, found: Decimal) -> bool:
    match node.mode:
        case "atLeast":
            return found >= node.threshold
        case "atMost":
            return found <= node.threshold
        case "exactly":
            return found == node.threshold
        case "none":
            return found == 0


def _counts(where: Group, order: Order, clock: Clock) -> bool:
    if order.status != COUNTED_STATUS and not mentions(where, "status"):
        return False
    return _of_order(where, order, clock).holds


def _of_order(node: Node, order: Order, clock: Clock) -> Verdict:
    if isinstance(node, Group):
        return _grouped(node, tuple(_of_order(each, order, clock) for each in node.nodes))
    assert isinstance(node, Condition)
    actual = getattr(order, node.field.name)
    return Verdict(node, _holds(node, actual, clock), actual)


def _grouped(group: Group, parts: tuple[Verdict, ...]) -> Verdict:
    holds = (any if group.combinator == "or" and parts else all)(part.holds for part in parts)
    return Verdict(group, holds != group.negated, parts=parts)


def _customer_value(customer: Customer, name: str, clock: Clock) -> object:
    if name == DAYS_TO_BIRTHDAY:
        today = local_day(clock.now, clock.zone)
        born = customer.birthday
        return None if born is None else days_to_birthday(born.month, born.day, today)
    if name.startswith(ATTRIBUTES):
        return customer.attributes.get(name.removeprefix(ATTRIBUTES))
    if name.startswith(CONSENTS):
        return {str(channel): given for channel, given in customer.consents.items()}.get(
            name.removeprefix(CONSENTS)
        )
    return getattr(customer.totals if hasattr(customer.totals, name) else customer, name)


def _holds(node: Condition, actual: object, clock: Clock) -> bool:
    if node.field.kind == "tags":
        return _has_tags(node, actual)
    if node.operator in ("null", "notNull"):
        return (actual is None) == (node.operator == "null")
    if actual is None:
        return False
    positive = POSITIVE.get(node.operator)
    holds = _compares(node.field.kind, positive or node.operator, actual, node.value, clock)
    return holds != (positive is not None)


def _has_tags(node: Condition, tags: object) -> bool:
    assert isinstance(tags, tuple)
    if node.operator in ("null", "notNull"):
        return bool(tags) == (node.operator == "notNull")
    wanted = node.value if isinstance(node.value, tuple) else (node.value,)
    return any(tag in tags for tag in wanted) != (node.operator in POSITIVE)


def _compares(kind: Kind, operator: Operator, actual: object, value: Value, clock: Clock) -> bool:
    """Whether a positive operator holds for a value that is not None."""
    literals = value if isinstance(value, tuple) else (value,)
    if operator in ("contains", "beginsWith", "endsWith"):
        part = literals[0].text if isinstance(literals[0], UntypedLiteral) else literals[0]
        return isinstance(actual, str) and isinstance(part, str) and _has_part(operator, actual, part)
    orders = [
        _order(kind, actual, each, clock, operator in ("=", "in")) for each in literals if each is not None
    ]
    if operator == "in":
        return 0 in orders
    if None in orders:
        return False
    first, last = orders[0] or 0, orders[-1] or 0
    match operator:
        case "=":
            return first == 0
        case "<":
            return first < 0
        case "<=":
            return first <= 0
        case ">":
            return first > 0
        case ">=":
            return first >= 0
        case _:
            return first >= 0 and last <= 0


def _has_part(operator: Operator, text: str, part: str) -> bool:
    text, part = text.lower(), part.lower()
    if operator == "beginsWith":
        return text.startswith(part)
    return text.endswith(part) if operator == "endsWith" else part in text


def _order(kind: Kind, actual: object, literal: Literal, clock: Clock, equality: bool) -> int | None:
    """-1, 0 or 1 as the value is below, equal to or above the literal; None if they cannot be compared."""
    if isinstance(literal, UntypedLiteral):
        return _untyped_order(actual, literal, clock, equality)
    if isinstance(literal, Decimal):
        assert isinstance(actual, int)
        number = Decimal(actual) / (SCALE if kind == "money" else 1)
        return (number > literal) - (number < literal)
    if isinstance(literal, str | bool):
        # Text and flags have no order: 1 means that they differ.
        return 0 if actual == literal else 1
    assert isinstance(actual, date)
    return _time_order(actual, literal, clock, equality)


def _untyped_order(actual: object, literal: UntypedLiteral, clock: Clock, equality: bool) -> int | None:
    """As `_order`, with the literal read as the kind of the value."""
    match actual:
        case bool():
            return 0 if equality and actual == literal.flag else None
        case str():
            return 0 if equality and actual == literal.text else None
        case int() | float() if literal.number is not None:
            number = float(literal.number)
            return (actual > number) - (actual < number)
        case date() if literal.moment is not None:
            return _time_order(actual, literal.moment, clock, equality)
        case _:
            return None


def _time_order(actual: date, moment: Moment, clock: Clock, equality: bool) -> int:
    if isinstance(actual, datetime) and not is_whole_day(moment, equality):
        assert isinstance(moment, datetime | Relative)
        at = instant_of(moment, clock.now, clock.zone)
        return (actual > at) - (actual < at)
    day = local_day(actual, clock.zone) if isinstance(actual, datetime) else actual
    wanted = day_of(moment, clock.now, clock.zone)
    return (day > wanted) - (day < wanted)
