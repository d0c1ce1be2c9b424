"""The rule tree as polars expressions, evaluated over a whole snapshot at once."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl

from crm.audience.snapshot import Snapshot
from crm.audience.spans import Clock, Span, amounts, days, floats, instants, whole_numbers
from crm.domain.fields import ATTRIBUTES, COUNTED_STATUS, POSITIVE, Kind, Operator
from crm.domain.moments import Moment
from crm.domain.rule_values import Loose, Value
from crm.domain.rules import Behaviour, Condition, Group, Node, speaks_of


def members(snapshot: Snapshot, rules: Group, now: datetime, zone: tzinfo) -> pl.Series:
    """Which customers the rules match: booleans in the order of `snapshot.customers`, none of them null.

    `now` is what relative times count from, `zone` whose midnights part the days.
    """
    evaluation = _Evaluation(snapshot, Clock(now, zone))
    holds = evaluation.of_customers(rules)
    frame = snapshot.customers.with_columns(evaluation.masks)
    return frame.select((pl.col("known") & holds).alias("member"))["member"]


class _Evaluation:
    """Turns nodes into expressions over customers; what lies in other frames becomes a column of its own."""

    def __init__(self, snapshot: Snapshot, clock: Clock) -> None:
        self._snapshot = snapshot
        self._clock = clock
        self.masks: list[pl.Series] = []

    def of_customers(self, node: Node) -> pl.Expr:
        match node:
            case Group():
                return _combined(node, self.of_customers)
            case Behaviour():
                return self._behaviour(node)
            case Condition(field=field) if field.kind == "tags":
                return self._tags(node)
            case Condition(field=field) if field.kind == "attribute":
                return self._attribute(node)
            case Condition():
                return _column(node, self._clock)

    def _of_orders(self, node: Node) -> pl.Expr:
        if isinstance(node, Group):
            return _combined(node, self._of_orders)
        assert isinstance(node, Condition)
        return _column(node, self._clock)

    def _behaviour(self, node: Behaviour) -> pl.Expr:
        wanted = self._of_orders(node.where)
        if not speaks_of(node.where, "status"):
            wanted &= pl.col("status").eq_missing(COUNTED_STATUS)
        counts = self._snapshot.orders.filter(wanted).group_by("row").len("count")
        count = pl.col("count")
        match node.mode:
            case "atLeast":
                return self._mask(counts.filter(count >= node.threshold)["row"])
            case "exactly":
                return self._mask(counts.filter(count == node.threshold)["row"])
            case "atMost":
                return ~self._mask(counts.filter(count > node.threshold)["row"])
            case "none":
                return ~self._mask(counts["row"])

    def _tags(self, node: Condition) -> pl.Expr:
        if node.operator in ("null", "notNull"):
            tagged = pl.col("tags").list.len() > 0
            return tagged if node.operator == "notNull" else ~tagged
        wanted = node.value if isinstance(node.value, tuple) else (node.value,)
        found = [self._snapshot.tags[str(tag)] for tag in wanted if tag in self._snapshot.tags]
        tagged = self._mask(pl.concat(found) if found else pl.Series(dtype=pl.UInt32))
        return ~tagged if node.operator in POSITIVE else tagged

    def _attribute(self, node: Condition) -> pl.Expr:
        frame = self._snapshot.attributes.get(node.field.name.removeprefix(ATTRIBUTES))
        if frame is None:
            return pl.lit(node.operator == "null")
        present = self._mask(frame["row"])
        if node.operator in ("null", "notNull"):
            return present if node.operator == "notNull" else ~present
        holds = _any_kind(POSITIVE.get(node.operator, node.operator), node.value, self._clock)
        found = self._mask(frame.filter(holds)["row"])
        return present & ~found if node.operator in POSITIVE else found

    def _mask(self, rows: pl.Series) -> pl.Expr:
        """True for the customers at those rows."""
        mask = pl.repeat(False, self._snapshot.customers.height, dtype=pl.Boolean, eager=True)
        self.masks.append(mask.scatter(rows, True).alias(f"mask {len(self.masks)}"))
        return pl.col(self.masks[-1].name)


def _combined(group: Group, compile_node: Callable[[Node], pl.Expr]) -> pl.Expr:
    if not group.nodes:
        return pl.lit(True)
    join = pl.all_horizontal if group.combinator == "and" else pl.any_horizontal
    holds = join([compile_node(node) for node in group.nodes])
    return ~holds if group.negated else holds


def _column(node: Condition, clock: Clock) -> pl.Expr:
    column = pl.col(node.field.name)
    if node.operator == "null":
        return column.is_null()
    if node.operator == "notNull":
        return column.is_not_null()
    holds = _holds(
        column, node.field.kind, POSITIVE.get(node.operator, node.operator), node.value, clock
    ).fill_null(False)
    return column.is_not_null() & ~holds if node.operator in POSITIVE else holds


def _holds(column: pl.Expr, kind: Kind, operator: Operator, value: Value, clock: Clock) -> pl.Expr:
    """A positive operator on a column; null where the column is null."""
    literals: Sequence[Any] = value if isinstance(value, tuple) else (value,)
    match kind:
        case "number":
            return _within(column, operator, [whole_numbers(each) for each in literals])
        case "money":
            return _within(column, operator, [amounts(each) for each in literals])
        case "day":
            return _within(column, operator, [days(each, clock) for each in literals])
        case "instant":
            span = partial(instants, clock=clock, equality=operator in ("=", "in"))
            return _within(column, operator, [span(each) for each in literals])
        case _:
            return _text(column, operator, literals)


def _any_kind(operator: Operator, value: Value, clock: Clock) -> pl.Expr:
    """A positive operator on a frame of one attribute: each row's own kind decides how the value is read."""
    literals = [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Loose)]
    texts = [each.text for each in literals if each.text is not None]
    numbers: list[Decimal] = [each.number for each in literals if each.number is not None]
    moments: list[Moment] = [each.moment for each in literals if each.moment is not None]
    flags = [each.flag for each in literals if each.flag is not None]
    number = _within(pl.col("number"), operator, [floats(each) for each in numbers])
    day = _within(pl.col("day"), operator, [days(each, clock) for each in moments])
    if operator in ("=", "in"):
        kinds = [_text(pl.col("text"), "in", texts), number, day, pl.col("flag").is_in(flags)]
    elif operator in ("contains", "beginsWith", "endsWith"):
        kinds = [_text(pl.col("text"), operator, texts)]
    else:
        kinds = [number, day]
    return pl.any_horizontal(kinds).fill_null(False)


def _text(column: pl.Expr, operator: Operator, values: Sequence[Any]) -> pl.Expr:
    """Equality is exact, on flags too; the others ignore case and take their value literally."""
    if operator == "=":
        return column.eq(values[0])
    if operator == "in":
        return column.is_in(values)
    lower, part = column.str.to_lowercase(), values[0].lower()
    match operator:
        case "beginsWith":
            return lower.str.starts_with(part)
        case "endsWith":
            return lower.str.ends_with(part)
        case _:
            return lower.str.contains(part, literal=True)


def _within(column: pl.Expr, operator: Operator, spans: Sequence[Span]) -> pl.Expr:
    """A comparison with spans: one, two for `between`, any number for `in`. With too few it never holds."""
    if len(spans) < (2 if operator == "between" else 1):
        return pl.lit(False)
    first, beyond = spans[0]
    match operator:
        case "<":
            return column.lt(first)
        case "<=":
            return column.lt(beyond)
        case ">":
            return column.ge(beyond)
        case ">=":
            return column.ge(first)
        case "between":
            return column.ge(first) & column.lt(spans[1][1])
        case _ if isinstance(first, int | float):
            return column.is_in([start for start, end in spans if start < end])
        case _:
            return pl.any_horizontal([column.ge(start) & column.lt(end) for start, end in spans])
