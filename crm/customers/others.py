"""Fields that this version does not know. A newer version sent or stored them, and reads them again.

They are kept under their own names as JSON states them. What they may hold is bounded: no number of
messages makes a document that cannot be stored.
"""

from collections.abc import Mapping
from typing import Any, Final

from crm.customers.values import ATTRIBUTE_NAME

MAX_WIDTH: Final = 60
"""Fields of a record, and of an object in it. There are up to 50 attributes and 50 tags."""

MAX_ITEMS: Final = 200
"""Items of a list, such as the lines of an order."""

MAX_TEXT: Final = 500
"""Characters of a text."""

MAX_DEPTH: Final = 3
"""Levels of lists and objects in one field."""

MAX_NUMBER: Final = 10**15

MAX_SIZE: Final = 50_000
"""Bytes of what one record may say in such fields."""

MAX_KEPT: Final = 100_000
"""Bytes of such fields of one customer or order. With 200 attributes of the longest text, and all times, it
leaves a third of what a document may hold."""

_ONE: Final = 8
"""Bytes of a number or a time."""


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
    if size_of(others) > MAX_SIZE:
        return f"has more than {MAX_SIZE:,} bytes in fields that are not known here"
    return None


def size_of(value: Any) -> int:
    """About the bytes that the database counts for a value."""
    if isinstance(value, str):
        return 1 + (len(value) if value.isascii() else len(value.encode(errors="surrogatepass")))
    if isinstance(value, Mapping):
        return _ONE + sum(size_of(name) + size_of(each) for name, each in value.items())
    if isinstance(value, list):
        return _ONE + sum(map(size_of, value))
    return len(value) if isinstance(value, bytes) else _ONE


def _fault_of(field: Any) -> str | None:
    waiting: list[tuple[Any, int]] = [(field, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, Mapping):
            if not all(ATTRIBUTE_NAME.fullmatch(name) for name in value):
                return "holds a name that no field can have"
            inner = list(value.values())
            if len(inner) > MAX_WIDTH:
                return f"holds an object with more than {MAX_WIDTH} fields"
        elif isinstance(value, list):
            inner = value
            if len(inner) > MAX_ITEMS:
                return f"holds a list with more than {MAX_ITEMS} items"
            if any(isinstance(each, list) for each in inner):
                return "holds a list in a list"
        else:
            fault = _fault_of_one(value)
            if fault is not None:
                return fault
            continue
        if depth == MAX_DEPTH:
            return f"is nested more than {MAX_DEPTH} levels deep"
        waiting += [(each, depth + 1) for each in inner]
    return None


def _fault_of_one(value: Any) -> str | None:
    if isinstance(value, str):
        return f"has more than {MAX_TEXT} characters" if len(value) > MAX_TEXT else None
    if isinstance(value, int | float) and not abs(value) <= MAX_NUMBER:
        return "is not a number of at most 10^15"
    return None
