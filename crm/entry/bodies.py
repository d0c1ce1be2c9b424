"""Base models of request bodies: no unknown fields, and no JSON that the database cannot store."""

import math
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from crm.kernel.errors import Invalid

MAX_DEPTH = 30
"""Levels of nesting; Firestore and Python both have a limit."""

MAX_INTEGER = 2**53
"""The largest integer that every JSON parser reads exactly."""

MAX_NAMES = 1_000
"""Names in one object. Each unknown one would become an error, a thousand times the size of the name."""


class Part(BaseModel):
    """A part of a body. Refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestModel(Part):
    """A whole body."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        require_plain(value)
        return value


def require_plain(value: Any) -> None:
    """Raise Invalid for what is not storable: NaN, infinity, huge integers, lone surrogates, deep nesting.

    Also for more names than an object has reason to hold, before pydantic makes an error of each.
    It runs on the event loop, so a list of ten thousand ids must cost little.
    """
    waiting: list[tuple[_Place, Any, int]] = [(None, value, 0)]
    while waiting:
        place, item, depth = waiting.pop()
        fault = _fault(item, depth)
        if fault:
            raise _invalid(place, fault)
        if isinstance(item, dict):
            if len(item) > MAX_NAMES:
                raise _invalid(place, f"has more than {MAX_NAMES:,} names")
            for name, inner in item.items():
                if _is_broken(name):
                    raise _invalid(place, "holds a name with half a character")
                waiting.append(((place, name), inner, depth + 1))
        elif isinstance(item, list):
            waiting += [
                ((place, index), inner, depth + 1)
                for index, inner in enumerate(item)
                # Nothing is wrong with such text, which most lists consist of, unless it lies too deep.
                if depth >= MAX_DEPTH or not (isinstance(inner, str) and inner.isascii())
            ]


_Place = tuple[Any, str | int] | None
"""Where a value is: the place of what holds it, and its name or index there. Written out only for a fault."""


def _invalid(place: _Place, fault: str) -> Invalid:
    parts: list[str] = []
    while place:
        place, part = place
        parts.append(str(part))
    return Invalid.at(".".join(reversed(parts))[:200] or "body", fault)


def _fault(item: Any, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} levels deep"
    if isinstance(item, float) and not math.isfinite(item):
        return "is not a finite number"
    if isinstance(item, int) and abs(item) > MAX_INTEGER:
        return "is too large a number"
    if isinstance(item, str) and _is_broken(item):
        return "holds half a character"
    return None


def _is_broken(text: str) -> bool:
    """Whether the text contains a lone surrogate, which UTF-8 cannot encode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
