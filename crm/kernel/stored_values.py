"""Stored values: made into objects, and compared."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def of_fields(declaring: type[T], stored: Mapping[str, Any], **given: Any) -> T:
    """A dataclass made of the stored fields that it declares, and of those `given`.

    Others are ignored: a newer version may have stored more than this one knows.
    """
    declared: Any = declaring
    known = {field.name: stored[field.name] for field in fields(declared) if field.name in stored}
    return declaring(**{**known, **given})


def is_same(one: Any, other: Any) -> bool:
    """Whether both are stored alike. Python holds true, 1 and 1.0 for equal; Firestore does not."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, bool | int | float) or isinstance(other, bool | int | float):
        return type(one) is type(other) and one == other
    return bool(one == other)
