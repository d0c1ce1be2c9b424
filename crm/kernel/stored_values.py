"""Stored values: made into objects, and compared."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

T = TypeVar("T")

_NUMBERS = (bool, int, float)
_SEQUENCES = (list, tuple)
_CONTAINERS = (*_SEQUENCES, Mapping)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


canonical = json.JSONEncoder(sort_keys=True, default=_text).encode
"""The JSON of a value, whatever the order of its names: Firestore returns those of maps in one of its own."""


def of_fields(declaring: type[T], stored: Mapping[str, Any], **given: Any) -> T:
    """A dataclass made of the stored fields that it declares, and of those `given`.

    Others are ignored: a newer version may have stored more than this one knows.
    """
    declared: Any = declaring
    known = {field.name: stored[field.name] for field in fields(declared) if field.name in stored}
    return declaring(**{**known, **given})


def is_same(one: Any, other: Any) -> bool:
    """Whether both are stored alike. Python holds true, 1 and 1.0 for equal; Firestore does not."""
    if type(one) is type(other) and not isinstance(one, _CONTAINERS):
        return bool(one == other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, _SEQUENCES) and isinstance(other, _SEQUENCES):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, _NUMBERS) or isinstance(other, _NUMBERS):
        return False
    return bool(one == other)
