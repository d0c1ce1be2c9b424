"""Pydantic's errors in plain words, for people who import a file or fill in a form.

A text continues the name of a field: "amount: is not a number". There is one for each type of error that our
models can raise; a test checks all models.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from crm.kernel.money import CURRENCY

_TIME: Final = "is not a date or time that exists, like 2026-03-01 or 2026-03-01T12:00:00Z"
_DAY: Final = "is not a date that exists, like 2026-03-01"
_NUMBER: Final = "is not a number"
_WHOLE: Final = "is not a whole number"
_YES_NO: Final = "is neither true nor false"
_OBJECT: Final = "is not an object of names and values"
_LIST: Final = "is not a list"
_ID: Final = "is not an id"

WORDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "string_type": "is not text",
    "string_unicode": "is not text",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "has more than {max_length} characters",
    "string_pattern_mismatch": "is not written as it has to be: {pattern}",
    "bytes_type": "is not text",
    "bytes_invalid_encoding": "is not text",
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "is too large a number",
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_max_places": "has more than {decimal_places} decimals",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": "is a date with a time; only the date belongs here, like 2026-03-01",
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "literal_error": "is none of {expected}",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "iteration_error": _LIST,
    "too_short": "needs at least {min_length} entries",
    "too_long": "has more than {max_length} entries",
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
}
"""Texts by type of error, with placeholders for pydantic's context."""

PATTERNS: Final[Mapping[str, str]] = {CURRENCY: "is not a currency in three capital letters, like GBP"}
"""Texts for patterns of values that people write; the other patterns are of ids."""

OWN: Final = "value_error"
"""The type of error that our own validators raise, with a text of their own."""


def in_words(found: ErrorDetails) -> str:
    """The text for an error."""
    kind = found["type"]
    context: dict[str, Any] = found.get("ctx", {})
    if kind == OWN:
        return found["msg"].removeprefix("Value error, ")
    if kind == "string_pattern_mismatch" and context["pattern"] in PATTERNS:
        return PATTERNS[context["pattern"]]
    if kind == "string_too_short" and context["min_length"] == 1:
        return "is empty"
    if kind == "too_short" and context["min_length"] == 1:
        return "is empty"
    if kind == "literal_error":
        context = {"expected": str(context["expected"]).replace("'", "")}
    if kind not in WORDS:
        return found["msg"]
    return WORDS[kind].format_map({name: _formatted(value) for name, value in context.items()})


def _formatted(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int | float) else value
