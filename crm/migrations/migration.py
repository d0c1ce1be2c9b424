"""A migration: how documents of one collection become those of the next version, one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Fields = Mapping[str, Any]
"""A document's fields, with times as datetimes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Rewrites documents, while others read and write them: see `docs/upgrades.md`."""

    name: str
    description: str
    """What it does, in a sentence."""
    collection: str
    """The id of the collection, below whatever documents it lies."""
    migrated: Callable[[Fields], Fields]
    """All fields of a document after it: pure, and of a document that is migrated the same fields again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationProgress:
    """How far a migration came."""

    name: str
    started_at: datetime
    after: str | None = None
    """The path of the last document that is done."""
    seen: int = 0
    changed: int = 0
    done_at: datetime | None = None
    version: str = ""
    """The version of the code that started it."""
