"""Errors of the domain. `crm.entry.problems` maps them to HTTP status codes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid place of an input. `path` is dotted: `records.3.amount`, `rules.rules.0.field`."""

    path: str
    message: str
    line: int | None = None
    """From 1, where the value is a template."""
    column: int | None = None
    """From 1."""


class CrmError(Exception):
    """Base of all errors that reach a caller; `str(error)` is a sentence for them."""


class Invalid(CrmError):
    """The input is invalid; `errors` names each place, `more` counts those left out."""

    def __init__(self, errors: Sequence[FieldError], detail: str | None = None, more: int = 0) -> None:
        self.errors = tuple(errors)
        self.detail = detail
        self.more = more
        super().__init__(detail or "; ".join(f"{e.path}: {e.message}" for e in self.errors))

    @classmethod
    def at(cls, path: str, message: str) -> "Invalid":
        return cls([FieldError(path, message)])


class Malformed(CrmError):
    """The body is not JSON."""


class NotFound(CrmError):
    """Nothing has this id."""


class Conflict(CrmError):
    """The object's state does not allow this, or it was changed concurrently."""


class TooLarge(CrmError):
    """The input is larger than allowed."""


class Unauthenticated(CrmError):
    """The caller is not authenticated."""


class Forbidden(CrmError):
    """The caller is authenticated, but not allowed to do this."""


class TooManyRequests(CrmError):
    """The caller has used up a budget of calls; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(detail)


class Unavailable(CrmError):
    """A dependency (database, broker, vendor, model) does not answer; a retry may succeed.

    `retry_after` is in seconds.
    """

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        self.retry_after = retry_after
        super().__init__(detail)
