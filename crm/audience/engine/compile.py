"""Evaluates a rule tree over the columns of a part.

A group evaluates its cheap conditions first, and the expensive ones only for undecided customers: in an "and"
those who have matched so far, in an "or" those who have not. Searching text is expensive, comparing numbers
is not, and typical rules spend most of their time on text.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Final

import numpy as np

from crm.audience.engine.attributes import attribute_holds
from crm.audience.engine.columns import Codes, Column, Flags, Texts
from crm.audience.engine.conditions import PARTS, literals, spans, text_holds
from crm.audience.engine.numbers import Bounds, Mask, Numbers
from crm.audience.engine.orders import Orders, at_least, sums
from crm.audience.engine.parts import Part
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.birthdays import days_to_birthday
from crm.audience.rules.fields import ATTRIBUTES, COUNTED_STATUS, DAYS_TO_BIRTHDAY, POSITIVE
from crm.audience.rules.spans import Clock, amounts
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition, mentions
from crm.kernel.moments import Relative, day_of

_COSTS: Final = {"tags": 2, "attribute": 5, "orders": 20, "text": 10, "part of text": 100}
"""Approximate cost of a condition, relative to comparing a number."""

_FEW: Final = 8
"""A condition on orders is cheap if it reads at most one order for this many customers."""

_RARE: Final = 200
"""If at most one row in this many is undecided, gathering those rows is faster than comparing all."""


def members(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo) -> Sequence[tuple[Part, Mask]]:
    """The customers that the rules match in each part of the snapshot, as a mask of its rows.

    Relative times count from `now`; days begin at midnight in `zone`.
    """
    clock = Clock(now, zone)
    return [
        (part, _Evaluation(part, clock).of(rules, counts) & counts)
        for part, counts in snapshot.parts
        if part.size
    ]


class _Evaluation:
    """Evaluates nodes to masks. A mask is valid in the rows `asked`, and arbitrary elsewhere."""

    def __init__(self, part: Part, clock: Clock) -> None:
        self._part = part
        self._clock = clock

    def of(self, node: Node, asked: Mask) -> Mask:
        match node:
            case Group():
                return _combined(node, asked, self.of, self._cost)
            case OrderCondition():
                return _order_condition(node, self._part.orders, asked, self._clock)
            case Condition(field=field) if field.kind == "tags":
                return self._tags(node)
            case Condition(field=field) if field.kind == "attribute":
                return self._attribute(node)
            case Condition(field=field) if field.name == DAYS_TO_BIRTHDAY:
                return _compared(self._days_to_birthday(), node, asked, self._clock)
            case Condition():
                return _compared(self._part.columns[node.field.name], node, asked, self._clock)

    def _cost(self, node: Node) -> int:
        match node:
            case Group():
                return sum(self._cost(each) for each in node.nodes)
            case OrderCondition():
                slices = self._part.orders.slices(*_reach(node.where, self._part.orders, self._clock))
                looked_at = sum(stop - start for start, stop in slices)
                return 0 if looked_at * _FEW < self._part.size else _COSTS["orders"]
            case Condition(field=field) if isinstance(self._part.columns.get(field.name), Texts):
                return _COSTS["part of text" if node.operator in PARTS else "text"]
            case Condition():
                return _COSTS.get(node.field.kind if node.field.kind != "text" else "", 1)

    def _tags(self, node: Condition) -> Mask:
        tags = self._part.tags
        if node.operator in ("null", "notNull"):
            return tags.any() if node.operator == "notNull" else ~tags.any()
        wanted = node.value if isinstance(node.value, tuple) else (node.value,)
        found = np.zeros(self._part.size, np.bool_)
        for tag in dict.fromkeys(map(str, wanted)):
            if tag in tags.holders:
                tags.holders[tag].add_to(found)
        return ~found if node.operator in POSITIVE else found

    def _attribute(self, node: Condition) -> Mask:
        attribute = self._part.attributes.get(node.field.name.removeprefix(ATTRIBUTES))
        if attribute is None:
            return np.full(self._part.size, node.operator == "null")
        if node.operator in ("null", "notNull"):
            present = attribute.holders.mask()
            return present if node.operator == "notNull" else ~present
        found = np.zeros(self._part.size, np.bool_)
        operator = POSITIVE.get(node.operator, node.operator)
        for kind, (rows, values) in attribute.kinds.items():
            found[rows[attribute_holds(kind, values, operator, node.value, self._clock)]] = True
        return attribute.holders.mask() & ~found if node.operator in POSITIVE else found

    def _days_to_birthday(self) -> Numbers:
        today = day_of(Relative(0, "day"), self._clock.now, self._clock.zone)
        ahead = np.zeros(13 * 32, np.uint16)
        for month, day in _DAYS_OF_A_LEAP_YEAR:
            ahead[32 * month + day] = days_to_birthday(month, day, today)
        return Numbers(ahead.take(self._part.anniversaries), self._part.anniversaries > 0)


def _combined(
    group: Group, asked: Mask, evaluate: Callable[[Node, Mask], Mask], cost: Callable[[Node], int]
) -> Mask:
    still_open = asked
    for node in sorted(group.nodes, key=cost):
        found = evaluate(node, still_open)
        if group.combinator == "and":
            still_open = np.logical_and(still_open, found, out=found)
        else:
            still_open = np.greater(still_open, found, out=found)  # open and not found, in one operation
    passed = group.combinator == "and" or not group.nodes
    return still_open if passed != group.negated else ~still_open


def _order_condition(node: OrderCondition, orders: Orders, asked: Mask, clock: Clock) -> Mask:
    size = len(asked)
    fitting = [
        (start, stop, _orders_that_fit(node.where, orders, start, stop, clock))
        for start, stop in orders.slices(*_reach(node.where, orders, clock))
    ]
    rows = np.concatenate([orders.row[:0], *(orders.row[start:stop][fit] for start, stop, fit in fitting)])
    if node.amount:
        first, beyond = amounts(node.threshold)
        every = [
            orders.amounts().cut(start, stop).numbers(np.flatnonzero(fit)) for start, stop, fit in fitting
        ]
        total = sums(rows, np.concatenate([np.zeros(0, np.int64), *every]), size)
        at_first, at_beyond = total >= first, total >= beyond
    else:
        if size // _FEW < len(rows) < size:
            rows = rows[asked.take(rows)]
        count = int(node.threshold)
        at_first = at_least(rows, size, max(count, 1))
        at_beyond = at_least(rows, size, count + 1) if node.mode in ("atMost", "exactly") else at_first
    match node.mode:
        case "atLeast":
            return at_first
        case "atMost":
            return ~at_beyond
        case "exactly":
            return at_first & ~at_beyond
        case "none":
            return ~at_first


def _orders_that_fit(where: Group, orders: Orders, start: int, stop: int, clock: Clock) -> Mask:
    def of(node: Node, asked: Mask) -> Mask:
        if isinstance(node, Group):
            return _combined(node, asked, of, lambda _: 1)
        assert isinstance(node, Condition)
        return _compared(orders.columns[node.field.name].cut(start, stop), node, asked, clock)

    every = np.ones(stop - start, np.bool_)
    if not mentions(where, "status"):
        every &= orders.statuses().cut(start, stop).equal(COUNTED_STATUS)
    return every & of(where, every)


def _reach(where: Group, orders: Orders, clock: Clock) -> tuple[Mask, Bounds]:
    """The categories and times that orders must have to fit. Necessary, not sufficient conditions."""
    categories = orders.categories()
    chosen = np.ones(len(categories.texts) + 1, np.bool_)
    first: int | None = None
    beyond: int | None = None
    conjuncts = where.nodes if where.combinator == "and" or len(where.nodes) == 1 else ()
    for node in conjuncts if not where.negated else ():
        if not isinstance(node, Condition):
            continue
        if node.field.name == "category":
            chosen &= _chosen(categories, node)
        elif node.field.name == "placed_at" and node.operator not in (*POSITIVE, "null", "notNull"):
            within = spans("instant", node.operator, node.value, clock)
            starts = [each for each, _ in within if each is not None]
            ends = [each for _, each in within if each is not None]
            if len(starts) == len(within):
                first = max([min(starts, default=0), *([] if first is None else [first])])
            if len(ends) == len(within):
                beyond = min([max(ends, default=0), *([] if beyond is None else [beyond])])
    return chosen, (first, beyond)


def _compared(column: Column, node: Condition, asked: Mask, clock: Clock) -> Mask:
    """Evaluate a condition on a column. No comparison holds for a missing value."""
    if isinstance(column, Numbers) and np.count_nonzero(asked) * _RARE < len(asked):
        rows = np.flatnonzero(asked).astype(np.uint32)
        found = np.zeros(len(asked), np.bool_)
        found[rows] = _compared(column.at(rows), node, np.ones(len(rows), np.bool_), clock)
        return found
    if isinstance(column, Codes):
        return column.where(_chosen(column, node))
    if node.operator in ("null", "notNull"):
        return column.has() if node.operator == "notNull" else ~column.has()
    operator = POSITIVE.get(node.operator, node.operator)
    match column:
        case Numbers():
            found = column.within(spans(node.field.kind, operator, node.value, clock))
        case Flags():
            found = column.equal(node.value)
        case Texts():
            found = column.where(
                partial(text_holds, operator=operator, values=literals(node.value)),
                asked,
                literals(node.value)[0].lower() if operator in PARTS else None,
            )
    return column.has() & ~found if node.operator in POSITIVE else found


def _chosen(column: Codes, node: Condition) -> Mask:
    """Evaluate a condition for each text of a column instead of each row; the last entry is for no text."""
    operator = POSITIVE.get(node.operator, node.operator)
    if operator in ("null", "notNull"):
        chosen = np.full(len(column.texts) + 1, operator == "notNull")
        chosen[-1] = operator == "null"
        return chosen
    if operator in ("=", "in"):
        chosen = column.chosen(literals(node.value))
    else:
        holds = text_holds(column.texts.str.to_lowercase(), operator, literals(node.value))
        chosen = np.append(holds.to_numpy(), False)
    if node.operator in POSITIVE:
        chosen = ~chosen
        chosen[-1] = False
    return chosen


_DAYS_OF_A_LEAP_YEAR: Final = [
    (month, day)
    for month, length in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1)
    for day in range(1, length + 1)
]
