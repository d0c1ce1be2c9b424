"""Conditions in the form in which columns are compared: spans of stored numbers, and tests of text."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from crm.audience.engine.numbers import Bounds
from crm.audience.rules.fields import Kind, Operator
from crm.audience.rules.spans import Clock, Span, amounts, days, instants, whole_numbers
from crm.audience.rules.values import Value

PARTS: Final = ("contains", "beginsWith", "endsWith", "doesNotContain")
"""The operators that look for a part of a text."""


def literals(value: Value) -> Sequence[Any]:
    """The values of a condition, one or several."""
    return value if isinstance(value, tuple) else (value,)


def spans(kind: Kind, operator: Operator, value: Value, clock: Clock) -> Sequence[Bounds]:
    """A positive operator as spans of stored numbers, one of which a value must lie in."""
    found: list[Span] = [_span(kind, operator, each, clock) for each in literals(value)]
    first, beyond = found[0]
    match operator:
        case "<":
            return [(None, first)]
        case "<=":
            return [(None, beyond)]
        case ">":
            return [(beyond, None)]
        case ">=":
            return [(first, None)]
        case "between":
            return [(first, found[1][1])]
        case _:
            return [span for span in found if span[0] < span[1]]


def _span(kind: Kind, operator: Operator, literal: Any, clock: Clock) -> Span:
    match kind:
        case "money":
            return amounts(literal)
        case "day":
            return days(literal, clock)
        case "instant":
            return instants(literal, clock, equality=operator in ("=", "in"))
        case _:
            return whole_numbers(literal)


def text_holds(series: pl.Series, operator: Operator, values: Sequence[str]) -> pl.Series:
    """A positive operator on texts. Parts of text are compared in lower case, which `series` is then in."""
    if operator in ("=", "in"):
        return series == values[0] if len(values) == 1 else series.is_in(values)
    part = values[0].lower()
    match operator:
        case "beginsWith":
            return series.str.starts_with(part)
        case "endsWith":
            return series.str.ends_with(part)
        case _:
            return series.str.contains(part, literal=True)
