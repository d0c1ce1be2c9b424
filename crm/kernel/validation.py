"""Pydantic's errors as field errors, with plain words and dotted paths."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crm.kernel.errors import FieldError, Invalid
from crm.kernel.wording import in_words

MAX_ERRORS = 20
"""Most errors reported for one input."""

MAX_LISTED = 10_000
"""Most errors of one input that are made into Python objects. Pydantic makes all of a model's or none."""

MAX_NAME = 100
"""Most characters of one name in a path; a caller may send a name of a megabyte."""


def found_by(error: ValidationError, prefix: Sequence[str | int] = ()) -> Sequence[FieldError]:
    """The errors of a model, with `prefix` before each path; of more than MAX_LISTED, one that says so."""
    return refused(error, prefix).errors


def refused(error: ValidationError, prefix: Sequence[str | int] = (), detail: str | None = None) -> Invalid:
    """The errors of a model as an Invalid, which counts those beyond MAX_ERRORS."""
    return _refused(error, prefix, MAX_LISTED, detail)


class Refusals:
    """Makes refusals of the records of one input, which share MAX_LISTED.

    A record whose errors do not fit any more is refused with one that says so, and with their number.
    """

    def __init__(self) -> None:
        self._left = MAX_LISTED

    def of(self, error: ValidationError, prefix: Sequence[str | int]) -> Invalid:
        """The errors of one record, with `prefix` before each path."""
        refusal = _refused(error, prefix, self._left)
        if error.error_count() <= self._left:
            self._left -= error.error_count()
        return refusal


def _refused(
    error: ValidationError, prefix: Sequence[str | int], most: int, detail: str | None = None
) -> Invalid:
    count = error.error_count()
    if count > most:
        path = ".".join(map(str, prefix)) or "body"
        return Invalid([FieldError(path, "has errors that are too many to list")], detail, more=count)
    found = field_errors(error.errors(include_url=False, include_input=False), prefix)
    return Invalid(found, detail, more=count - len(found))


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
