"""What running a migration needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from crm.migrations.migration import Fields, MigrationProgress


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read. `etag` is opaque."""

    path: str
    fields: Fields
    etag: object


class MigratedDocuments(Protocol):
    """Documents to migrate, and how far migrations came. Every call raises Unavailable."""

    async def progress(self, name: str) -> MigrationProgress | None:
        """How far the migration came; None if it never ran."""

    async def save(self, progress: MigrationProgress) -> None:
        """Store how far it came. The last writer wins: at worst, documents are looked at twice."""

    async def page(self, collection: str, after: str | None, limit: int) -> Sequence[Document]:
        """The next documents of the collection by path."""

    async def find(self, path: str) -> Document | None:
        """The document as it is now."""

    async def rewrite(self, document: Document, fields: Fields) -> None:
        """Give the document these fields in place of its own. Raises Conflict if it has changed since."""
