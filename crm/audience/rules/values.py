"""Parses the values that conditions compare with, from JSON and from the text of input widgets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final

from crm.audience.rules.fields import Field, Operator
from crm.kernel.errors import FieldError
from crm.kernel.hidden_characters import one_line, part_of_line
from crm.kernel.moments import MAX_OFFSET, UNITS, Moment, Relative, parse_moment, reversed_order

MAX_TEXT: Final = 500
MAX_LIST: Final = 10_000
MAX_NUMBER: Final = 10**14
"""Times the scale of money, this still fits 64 bits."""

_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,9}")
_FLAGS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class UntypedLiteral:
    """A value to compare with an attribute, in every kind that it can be read as.

    The kind of the customer's value decides which is used.
    """

    text: str | None = None
    number: Decimal | None = None
    moment: Moment | None = None
    flag: bool | None = None


Literal = str | Decimal | bool | Moment | UntypedLiteral
Value = Literal | tuple[Literal, ...] | None
"""One value, a list of them (`in`), a pair (`between`), or none (`null`)."""


class Refused(Exception):
    """A value does not fit its condition; `found` has the path and the reason."""

    def __init__(self, path: str, message: str) -> None:
        self.found = FieldError(path, message)


def parse_value(field: Field, operator: Operator, value: object, path: str, zone: tzinfo) -> Value:
    """The value of a condition on `field`. Raises Refused at `path` or below it.

    Numbers and dates may be text; a list may be one text with commas.
    """
    if operator in ("null", "notNull"):
        return None
    if value is None or value == "":
        raise Refused(path, "is missing")
    if operator in ("in", "notIn"):
        return _list(field, value, path)
    if operator in ("between", "notBetween"):
        return _pair(field, value, path, zone)
    if operator in ("beginsWith", "endsWith", "contains", "doesNotContain"):
        text = _text(value, path, part_of_line)
        return UntypedLiteral(text=text) if field.kind == "attribute" else text
    if operator in ("<", "<=", ">", ">="):
        return _ordered(field, value, path)
    return _one(field, value, path)


def parse_number(value: object, path: str) -> Decimal:
    """A number, also from text. Raises Refused for anything else."""
    if isinstance(value, str) and len(value) <= 40 and _NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Refused(path, "must be a number")
    if not -MAX_NUMBER <= value <= MAX_NUMBER:  # NaN fails this too
        raise Refused(path, "must lie between -10^14 and 10^14")
    return Decimal(str(value))


def parse_whole(value: object) -> int | None:
    """A whole number, also from text; None for anything else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _list(field: Field, value: object, path: str) -> Value:
    parts = _split(value, path, "must be a list, or text with commas")
    if not parts:
        raise Refused(path, "is missing")
    if len(parts) > MAX_LIST:
        raise Refused(path, f"must have at most {MAX_LIST} values")
    return tuple(_one(field, part, f"{path}.{index}") for index, part in enumerate(parts))


def _pair(field: Field, value: object, path: str, zone: tzinfo) -> Value:
    parts = _split(value, path, "must be two values, like [1, 5]")
    if len(parts) != 2:
        raise Refused(path, "must be two values, like [1, 5]")
    first, last = (_ordered(field, part, f"{path}.{index}") for index, part in enumerate(parts))
    if _is_reversed(first, last, path, zone):
        raise Refused(path, "has its bounds the wrong way round")
    return first, last


def _is_reversed(first: Literal, last: Literal, path: str, zone: tzinfo) -> bool:
    if isinstance(first, UntypedLiteral) and isinstance(last, UntypedLiteral):
        if first.number is not None and last.number is not None:
            return first.number > last.number
        if first.moment is not None and last.moment is not None:
            return reversed_order(first.moment, last.moment, zone)
        raise Refused(path, "must be two numbers or two dates")
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        return first > last
    assert isinstance(first, Moment)
    assert isinstance(last, Moment)
    return reversed_order(first, last, zone)


def _ordered(field: Field, value: object, path: str) -> Literal:
    """A number or a date. Text is refused: it has no order that a marketer would expect."""
    literal = _one(field, value, path)
    if isinstance(literal, UntypedLiteral) and literal.number is None and literal.moment is None:
        raise Refused(path, "must be a number or a date")
    return literal


def _split(value: object, path: str, message: str) -> list[object]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list | tuple):
        return list(value)
    raise Refused(path, message)


def _one(field: Field, value: object, path: str) -> Literal:
    if value is None or value == "":
        raise Refused(path, "is missing")
    match field.kind:
        case "number" | "money":
            return parse_number(value, path)
        case "day" | "instant":
            return _moment(value, path)
        case "flag":
            return _flag(value, path)
        case "attribute":
            return _untyped(value, path)
        case _:
            text = _text(value, path)
            if field.choices and text not in field.choices:
                raise Refused(path, f"must be one of {', '.join(field.choices)}")
            return text


def _text(value: object, path: str, cleaned: Callable[[str], str] = one_line) -> str:
    """Text as customers' own is stored, so that what was pasted with hidden characters matches."""
    if not isinstance(value, str):
        raise Refused(path, "must be text")
    if len(value) > MAX_TEXT:
        raise Refused(path, f"must have at most {MAX_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(path, "holds half a character") from None
    if not (text := cleaned(value)):
        raise Refused(path, "is missing")
    return text


def _flag(value: object, path: str) -> bool:
    if isinstance(value, str):
        value = _FLAGS.get(value)
    if not isinstance(value, bool):
        raise Refused(path, "must be true or false")
    return value


def _moment(value: object, path: str) -> Moment:
    if isinstance(value, Mapping):
        return _relative(value, path)
    if not isinstance(value, str):
        raise Refused(path, "must be a date like 2026-03-01, or a time relative to now")
    try:
        return parse_moment(value.strip())
    except ValueError as error:
        raise Refused(path, str(error)) from None


def _relative(value: Mapping[Any, Any], path: str) -> Relative:
    for name, allowed in (("mode", ("relative",)), ("anchor", ("now",)), ("unit", UNITS)):
        if value.get(name) not in allowed:
            raise Refused(f"{path}.{name}", f"must be one of {', '.join(allowed)}")
    unit = value["unit"]
    offset = parse_whole(value.get("offset"))
    if offset is None:
        raise Refused(f"{path}.offset", "must be a whole number")
    if abs(offset) > MAX_OFFSET[unit]:
        raise Refused(f"{path}.offset", f"must be at most {MAX_OFFSET[unit]} {unit}s")
    return Relative(offset, unit)


def _untyped(value: object, path: str) -> UntypedLiteral:
    if isinstance(value, bool):
        return UntypedLiteral(flag=value)
    if isinstance(value, Mapping):
        return UntypedLiteral(moment=_relative(value, path))
    if not isinstance(value, str):
        return UntypedLiteral(number=parse_number(value, path))
    text = _text(value, path)
    return UntypedLiteral(text, _if_fits(parse_number, text), _if_fits(_moment, text), _FLAGS.get(text))


def _if_fits(parse: Any, text: str) -> Any:
    try:
        return parse(text, "")
    except Refused:
        return None
