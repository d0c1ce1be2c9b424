"""What can go wrong, in the words of the domain.

Status codes belong to the edge: `crm.entry.problems` holds the one table that maps these to HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with an input. `path` is dotted: `records.3.amount`, `rules.rules.0.field`."""

    path: str
    message: str


class CrmError(Exception):
    """Base of every error that a caller is told about; `str(error)` is a sentence for them."""


class Invalid(CrmError):
    """The input breaks a rule; `errors` names each place."""

    def __init__(self, errors: Sequence[FieldError], detail: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(detail or "; ".join(f"{e.path}: {e.message}" for e in self.errors))

    @classmethod
    def at(cls, path: str, message: str) -> "Invalid":
        return cls([FieldError(path, message)])


class Malformed(CrmError):
    """The body is not even JSON."""


class NotFound(CrmError):
    """There is nothing of that name."""


class Conflict(CrmError):
    """The thing is in a state that does not allow this, or somebody else was faster."""


class TooLarge(CrmError):
    """The body is over the size that is accepted."""


class Unauthenticated(CrmError):
    """Nobody proved who they are."""


class Forbidden(CrmError):
    """The caller is known, and may not do this."""


class Unavailable(CrmError):
    """A dependency (database, broker, vendor, model) does not answer; the same call may work later."""

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        self.retry_after = retry_after
        super().__init__(detail)
