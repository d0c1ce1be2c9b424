"""Pydantic's errors as field errors, with plain words and dotted paths."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crm.kernel.errors import FieldError, Invalid
from crm.kernel.wording import in_words

MAX_ERRORS = 20
"""Most errors reported for one input."""

MAX_LISTED = 10_000
"""Most errors that are made into Python objects, 20 of which are reported. Pydantic makes all or none."""

MAX_NAME = 100
"""Most characters of one name in a path; a caller may send a name of a megabyte."""


def found_by(error: ValidationError, prefix: Sequence[str | int] = ()) -> list[FieldError]:
    """The errors of a model, with `prefix` before each path; of more than MAX_LISTED, one that says so."""
    if error.error_count() > MAX_LISTED:
        return [FieldError(".".join(map(str, prefix)) or "body", "has too many errors to list")]
    return field_errors(error.errors(include_url=False, include_input=False), prefix)


def refused(error: ValidationError, prefix: Sequence[str | int] = (), detail: str | None = None) -> Invalid:
    """The errors of a model as an Invalid, which counts those beyond MAX_ERRORS."""
    found = found_by(error, prefix)
    return Invalid(found, detail, more=error.error_count() - len(found))


def field_errors(
    details: Sequence[ErrorDetails], prefix: Sequence[str | int] = (), skip: int = 0
) -> list[FieldError]:
    """Pydantic's errors as field errors.

    `prefix` precedes each path; `skip` leading parts (FastAPI's "body", "query") are removed.
    """
    found = []
    for item in details[:MAX_ERRORS]:
        location = (*prefix, *item["loc"][skip:])
        named = location if item["type"] == "extra_forbidden" else _without_branches(location)
        found.append(FieldError(".".join(str(part)[:MAX_NAME] for part in named) or "body", in_words(item)))
    return found


_BRANCHES = {"str", "int", "float", "bool", "date", "datetime"}


def _without_branches(location: Sequence[str | int]) -> list[str | int]:
    """The path without the names of union branches, which pydantic puts into it.

    The name after `attributes` stays: an attribute may be called `date`.
    """
    return [
        part
        for before, part in zip((None, *location), location, strict=False)
        if before == "attributes" or not (isinstance(part, str) and ("[" in part or part in _BRANCHES))
    ]
