"""An import: a file of customers or orders, its progress, and the result of each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from crm.imports.columns import Entity

MAX_FILE: Final = 25 * 1024 * 1024
MAX_ROWS: Final = 100_000
PART: Final = 500
"""Rows that are checked against one read, and whose results are one document."""

SHOWN: Final = 50
"""Invalid rows that an import shows; the file of its results has all."""

ERASED: Final = "this customer was erased"
"""Why a row of an erased customer is skipped."""

Outcome = Literal["created", "updated", "skipped", "invalid"]
State = Literal["checking", "handing_over", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an import does with one row."""

    row: int
    outcome: Outcome

    id: str = ""
    """The id of the customer or order in the row."""

    customer_id: str = ""

    reason: str = ""
    """Why the row is skipped or invalid."""

    column: str = ""
    """The column of an invalid value."""

    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import and its progress."""

    import_id: str
    kind: Entity
    dry_run: bool

    at: datetime
    """When it began. Rows without `updated_at` use this time."""

    by: str

    digest: str
    """Hash of the file, its kind and its mapping, by which a repeated call is recognized."""

    file_name: str
    """What the member called the file. Dropped once one of its rows is, or may be, of an erased customer."""

    rows: int
    state: State = "checking"
    checked: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    invalid: int = 0

    handed: int = 0
    """Parts whose rows the broker has."""

    problems: tuple[Result, ...] = ()
    """The first invalid rows."""


def tally(results: Sequence[Result]) -> dict[Outcome, int]:
    """The number of rows by outcome."""
    found: dict[Outcome, int] = {"created": 0, "updated": 0, "skipped": 0, "invalid": 0}
    for result in results:
        found[result.outcome] += 1
    return found
