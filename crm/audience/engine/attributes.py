"""Conditions on attributes, whose values are of whatever kind each customer's own value is.

Every kind is compared separately, with the rule's value read as that kind; as another kind it does not hold.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from crm.audience.engine.conditions import PARTS, literals, spans, text_holds
from crm.audience.engine.numbers import Mask, Numbers
from crm.audience.rules.fields import Operator
from crm.audience.rules.spans import Clock
from crm.audience.rules.values import UntypedLiteral, Value


def attribute_holds(kind: str, values: pl.Series, operator: Operator, value: Value, clock: Clock) -> Mask:
    """For which of the values, all of one kind and none missing, a positive operator holds."""
    loose = [each for each in literals(value) if isinstance(each, UntypedLiteral)]
    return _OF_KINDS[kind](values, operator, loose, clock)


def _texts(values: pl.Series, operator: Operator, literals: Sequence[UntypedLiteral], _: Clock) -> Mask:
    texts = [each.text for each in literals if each.text is not None]
    if not texts or operator not in ("=", "in", *PARTS):
        return np.zeros(len(values), np.bool_)
    series = values.str.to_lowercase() if operator in PARTS else values
    return text_holds(series, operator, texts).to_numpy()


def _numbers(values: pl.Series, operator: Operator, literals: Sequence[UntypedLiteral], _: Clock) -> Mask:
    numbers = [float(each.number) for each in literals if each.number is not None]
    found = values.to_numpy()
    if operator in PARTS or len(numbers) < (2 if operator == "between" else 1):
        return np.zeros(len(values), np.bool_)
    match operator:
        case "<":
            return found < numbers[0]
        case "<=":
            return found <= numbers[0]
        case ">":
            return found > numbers[0]
        case ">=":
            return found >= numbers[0]
        case "between":
            return (found >= numbers[0]) & (found <= numbers[1])
        case _:
            return np.isin(found, numbers)


def _days(values: pl.Series, operator: Operator, literals: Sequence[UntypedLiteral], clock: Clock) -> Mask:
    moments = tuple(each.moment for each in literals if each.moment is not None)
    if operator in PARTS or len(moments) < (2 if operator == "between" else 1):
        return np.zeros(len(values), np.bool_)
    return Numbers.of(values).within(spans("day", operator, moments, clock))


def _flags(values: pl.Series, operator: Operator, literals: Sequence[UntypedLiteral], _: Clock) -> Mask:
    flags = [each.flag for each in literals if each.flag is not None]
    return values.is_in(flags if operator in ("=", "in") else []).to_numpy()


_OF_KINDS: Final = {
    "text": _texts,
    "number": _numbers,
    "day": _days,
    "flag": _flags,
}
