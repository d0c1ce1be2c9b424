"""What pydantic found wrong, in our words and with dotted paths."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crm.domain.errors import FieldError

MAX_ERRORS = 20
"""Errors told of one input; a hundred thousand unknown fields are as wrong as twenty."""

MAX_NAME = 100
"""Characters of one name in a path; a caller may have named a field by a megabyte."""


def found_by(error: ValidationError, prefix: Sequence[str | int] = ()) -> list[FieldError]:
    """What a model refused, with `prefix` before each path."""
    return field_errors(error.errors(include_url=False, include_context=False, include_input=False), prefix)


def field_errors(
    details: Sequence[ErrorDetails], prefix: Sequence[str | int] = (), skip: int = 0
) -> list[FieldError]:
    """Pydantic's findings as field errors.

    `prefix` comes before each path; `skip` leading parts (FastAPI's "body", "query") are left out.
    """
    found = []
    for item in details[:MAX_ERRORS]:
        location = [str(part)[:MAX_NAME] for part in (*prefix, *item["loc"][skip:]) if not _is_branch(part)]
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = "is not a known field"
        found.append(FieldError(".".join(location) or "body", message))
    return found


def _is_branch(part: str | int) -> bool:
    """Pydantic names the branch of a union inside a path; it means nothing to a caller."""
    return isinstance(part, str) and (
        "[" in part or part in {"str", "int", "float", "bool", "date", "datetime"}
    )
