"""Rows with the mark of their reading: a change that names it fails where the row has moved on."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A row as read. `revision` is the reader's own: a change that names it fails if the row has moved on."""

    row: T
    revision: object


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A row as it becomes, in place of the one that was `seen`; None where there was none."""

    row: T
    seen: Seen[T] | None
