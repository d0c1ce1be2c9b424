"""What pydantic found wrong, in our words and with dotted paths."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crm.kernel.errors import FieldError
from crm.kernel.wording import in_words

MAX_ERRORS = 20
"""Errors told of one input; a hundred thousand unknown fields are as wrong as twenty."""

MAX_NAME = 100
"""Characters of one name in a path; a caller may have named a field by a megabyte."""


def found_by(error: ValidationError, prefix: Sequence[str | int] = ()) -> list[FieldError]:
    """What a model refused, with `prefix` before each path."""
    return field_errors(error.errors(include_url=False, include_input=False), prefix)


def field_errors(
    details: Sequence[ErrorDetails], prefix: Sequence[str | int] = (), skip: int = 0
) -> list[FieldError]:
    """Pydantic's findings as field errors.

    `prefix` comes before each path; `skip` leading parts (FastAPI's "body", "query") are left out.
    """
    found = []
    for item in details[:MAX_ERRORS]:
        location = (*prefix, *item["loc"][skip:])
        named = location if item["type"] == "extra_forbidden" else _without_branches(location)
        found.append(FieldError(".".join(str(part)[:MAX_NAME] for part in named) or "body", in_words(item)))
    return found


_BRANCHES = {"str", "int", "float", "bool", "date", "datetime"}


def _without_branches(location: Sequence[str | int]) -> list[str | int]:
    """Pydantic names the branch of a union inside a path; it means nothing to a caller.

    An attribute may well be called `date`, though.
    """
    return [
        part
        for before, part in zip((None, *location), location, strict=False)
        if before == "attributes" or not (isinstance(part, str) and ("[" in part or part in _BRANCHES))
    ]
