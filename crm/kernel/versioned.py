"""Rows with the etag that guards a change of them (optimistic concurrency)."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A row as read. `etag` is opaque; a change that carries it fails if the row has changed."""

    row: T
    etag: object


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """The new state of a row. `seen` is the state it replaces; None creates the row."""

    row: T
    seen: Seen[T] | None
