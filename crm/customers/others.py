"""Fields that this version does not know. A newer version sent or stored them, and reads them again.

They are kept under their own names as JSON states them. What one of them may hold is bounded as the known
fields are, so that no message makes a document that cannot be stored.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from crm.customers.values import ATTRIBUTE_NAME

MAX_WIDTH: Final = 60
"""Fields of a record, and values in one of them. There are up to 50 attributes and 50 tags."""

MAX_TEXT: Final = 500
"""Characters of a text."""

MAX_DEPTH: Final = 3
"""Levels of lists and objects in one field."""

MAX_NUMBER: Final = 10**15


def fault_of(others: Mapping[str, Any], taken: frozenset[str] = frozenset()) -> str | None:
    """Why these fields cannot be kept, with the name of the first at fault; None if they can.

    `taken` are names that a document uses for something else.
    """
    for name, value in others.items():
        if not ATTRIBUTE_NAME.fullmatch(name) or name in taken:
            return f"{name[:60]}: is not a name for a field"
        fault = _fault_of(value)
        if fault is not None:
            return f"{name}: {fault}"
    return None


def _fault_of(field: Any) -> str | None:
    count = 0
    waiting: list[tuple[Any, int]] = [(field, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, Mapping):
            if not all(ATTRIBUTE_NAME.fullmatch(name) for name in value):
                return "holds a name that no field can have"
            inner = list(value.values())
        elif isinstance(value, list):
            inner = value
            if any(isinstance(each, list) for each in inner):
                return "holds a list in a list"
        else:
            fault = _fault_of_one(value)
            if fault is not None:
                return fault
            continue
        count += len(inner)
        if count > MAX_WIDTH:
            return f"holds more than {MAX_WIDTH} values"
        if depth == MAX_DEPTH:
            return f"is nested more than {MAX_DEPTH} levels deep"
        waiting += [(each, depth + 1) for each in inner]
    return None


def _fault_of_one(value: Any) -> str | None:
    if isinstance(value, str):
        return f"has more than {MAX_TEXT} characters" if len(value) > MAX_TEXT else None
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
        return "is not a number of at most 10^15"
    return None
