"""Bounds on the values that filters take and give, and what a filter's work costs in steps."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any, Final, Protocol

from liquid.exceptions import FilterArgumentError
from liquid.undefined import Undefined

MAX_TEXT: Final = 5_000
"""Characters of a value that a filter takes or gives; of a list, its items and their characters together."""

MAX_ITEMS: Final = 1_000
"""Items of a list, numbers of a range, and iterations of loops within each other."""

MAX_BITS: Final = 100
"""Size of an integer: 30 digits."""

MAX_DATE: Final = 100
"""Characters of a date to be read, and of the format of a date."""

CHARS: Final = 6
"""A step pays for 2^6 characters that are copied or compared."""

SHORT: Final = 2**CHARS
"""Texts that are shorter are not worth counting."""


class ValueTooLargeError(FilterArgumentError):
    """A value is larger than a template may have. The message says what kind of value, never the value."""


class Spending(Protocol):
    """Counts steps."""

    def spend(self, steps: int) -> None:
        """Take the steps that are about to be done. Raises where there are not as many left."""


def bounded_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter as a function of a meter, the value and the arguments.

    It raises ValueTooLargeError where a value is too large before or after, or would be too large after, and
    FilterArgumentError where the filter cannot take the values. The message says so in our words: the
    library's own are often Python's, and some quote a value.
    """
    signature = inspect.signature(function)
    is_on_text = name in _ON_TEXT
    work = _WORK.get(name)

    @wraps(function)
    def bounded(meter: Spending, value: object, /, *args: Any, **options: Any) -> Any:
        steps, is_long = 1, False
        for part in (value, *args, *options.values()):
            if type(part) is not str or len(part) >= SHORT:
                steps += _checked(part)
                is_long = True
        if is_on_text and is_long:
            value = _as_text(value)
            steps += _checked(value) + sum(search_steps(value, _as_text(part)) for part in args)
        if work is not None:
            steps += work(value, *args)
        meter.spend(steps)
        try:
            result = function(value, *args, **options)
        except Exception as error:
            fault = _call_fault(signature, args, options) or _value_fault(error, value, args)
            raise FilterArgumentError(f"{name} {fault}", token=None) from error
        if type(result) is not str or len(result) >= SHORT:
            meter.spend(_checked(result))
        return result

    return bounded


def _call_fault(signature: inspect.Signature, args: Sequence[object], options: Iterable[str]) -> str | None:
    """What is wrong with the number of the arguments or the names of the options, if anything is."""
    names = list(signature.parameters)
    unknown = next((option for option in options if option not in names), None)
    if unknown is not None:
        return f"has no option {unknown}"
    try:
        signature.bind(None, *args, **dict.fromkeys(options))
    except TypeError:
        return f"takes {_arguments(signature)}"
    return None


def _arguments(signature: inspect.Signature) -> str:
    taken = [each for each in signature.parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD][1:]
    least = sum(each.default is each.empty for each in taken)
    if not taken:
        return "no arguments"
    before = "" if least == len(taken) else f"{least} to " if least else "at most "
    return f"{before}{len(taken)} argument{'' if len(taken) == 1 else 's'}"


def _value_fault(error: Exception, value: object, args: Sequence[object]) -> str:
    if isinstance(error.__cause__, ZeroDivisionError):
        return "cannot divide by 0"
    given = " and ".join(f"this {_kind(part)}" for part in args)
    return f"cannot be used on this {_kind(value)}" + (f" with {given}" if given else "")


def _kind(value: object) -> str:
    match value:
        case str():
            return "text"
        case list() | tuple():
            return "list"
        case range():
            return "range"
        case date():
            return "date"
        case None | Undefined():
            return "missing value"
        case int() | float() | Decimal() if not isinstance(value, bool):
            return "number"
        case _:
            return "value"


def size_of(value: object) -> int:
    """Characters of a text, items and characters of a list, 32 bits of a number."""
    match value:
        case str():
            return len(value)
        case list() | tuple():
            return len(value) + sum(size_of(item) for item in value if isinstance(item, str | list | tuple))
        case range():
            return len(value)
        case int():
            return value.bit_length() >> 5
        case _:
            return 1


def search_steps(text: object, part: object) -> int:
    """What it costs to look for a part in a text: it may take time that grows with the product of both."""
    return len(text) * len(part) >> 10 if isinstance(text, str) and isinstance(part, str) else 0


def _checked(value: object) -> int:
    """What it costs to go through the value once. Raises ValueTooLargeError where it is too large."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise _too_large(f"a text of more than {MAX_TEXT:,} characters")
        return len(value) >> CHARS
    if isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise _too_large("a number of more than 30 digits")
        return 0
    if isinstance(value, list | tuple | range):
        if len(value) > MAX_ITEMS:
            raise _too_large(f"a list of more than {MAX_ITEMS:,} items")
        size = size_of(value)
        if size > MAX_TEXT:
            raise _too_large(f"a list of more than {MAX_TEXT:,} characters")
        return len(value) + (size >> CHARS)
    return 0


def _too_large(what: str) -> ValueTooLargeError:
    return ValueTooLargeError(what, token=None)


def _as_text(part: object) -> object:
    return str(part) if isinstance(part, list | tuple | range) else part


def _per_character(value: object, *_: object) -> int:
    return len(value) if isinstance(value, str) else 0


def _strip_html(value: object, *_: object) -> int:
    return 4 * _per_character(value)


def _uniq(value: object, key: object = None, *_: object) -> int:
    """Compares every item with every other. The library's own refusal of a key quotes an item."""
    items = value if isinstance(value, list | tuple) else (value,)
    if key is not None and not all(isinstance(item, Mapping) for item in items):
        raise FilterArgumentError("uniq cannot look for a property in this list", token=None)
    return len(value) ** 2 >> 5 if isinstance(value, list | tuple | range) else 0


def _join(value: object, separator: object = " ", *_: object) -> int:
    if isinstance(value, list | tuple | range) and len(value) * len(str(separator)) > MAX_TEXT:
        raise _too_large(f"a text of more than {MAX_TEXT:,} characters")
    return 0


def _replace(value: object, found: object = "", put: object = "", *_: object) -> int:
    text, found, put = str(value), str(found), str(put)
    count = text.count(found) if found else len(text) + 1
    if len(text) + count * (len(put) - len(found)) > MAX_TEXT:
        raise _too_large(f"a text of more than {MAX_TEXT:,} characters")
    return 0


def _date(value: object, pattern: object = "", *_: object) -> int:
    """Reading a date takes microseconds a character, and a pattern's widths multiply what it writes."""
    if any(isinstance(part, str) and len(part) > MAX_DATE for part in (value, pattern)):
        raise _too_large(f"a date or format of more than {MAX_DATE} characters")
    return 100 + 8 * len(value) if isinstance(value, str) else 4


_WORK: Final[Mapping[str, Callable[..., int]]] = {
    "date": _date,
    "escape_once": _per_character,
    "escapejs": _per_character,
    "join": _join,
    "newline_to_br": _per_character,
    "replace": _replace,
    "squish": _per_character,
    "strip_html": _strip_html,
    "strip_newlines": _per_character,
    "uniq": _uniq,
    "url_decode": _per_character,
    "url_encode": _per_character,
}
"""Steps of filters that take more time than one pass over the value, or a refusal of what they would give."""

_ON_TEXT: Final = frozenset(
    {
        *("append", "base64_decode", "base64_encode", "base64_url_safe_decode", "base64_url_safe_encode"),
        *(
            "capitalize",
            "downcase",
            "escape",
            "escape_once",
            "escapejs",
            "lstrip",
            "newline_to_br",
            "prepend",
        ),
        *("remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last"),
        *(
            "rstrip",
            "safe",
            "split",
            "squish",
            "strip",
            "strip_html",
            "strip_newlines",
            "truncate",
            "truncatewords",
        ),
        *("upcase", "url_decode", "url_encode"),
    }
)
"""Filters that write a list out before they work on its text."""
