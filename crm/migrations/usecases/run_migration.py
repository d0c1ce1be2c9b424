"""Run a migration: rewrite the documents of a collection, page by page, while others write them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from crm.kernel.errors import Conflict, Unavailable
from crm.kernel.stored_values import is_same
from crm.migrations.migration import Migration, MigrationProgress
from crm.migrations.ports import Document, MigratedDocuments
from crm.migrations.usecases.paging import paged

ATTEMPTS: Final = 8
"""Attempts at one document that others change meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMigration:
    """Rewrites each document under its etag. A run that was killed goes on after the last page it finished;
    a document that is looked at twice stays as it is."""

    documents: MigratedDocuments

    version: str
    """The version of this code."""

    async def __call__(
        self,
        migration: Migration,
        now: Callable[[], datetime],
        show: Callable[[MigrationProgress], None],
        restart: bool = False,
    ) -> MigrationProgress:
        """Run to the end; `show` is called after each page. Raises Unavailable.

        A migration that is done, or was begun by another version, starts over: that version may have made
        something else of the documents. `restart` has any start over.
        """
        begun = await self.documents.progress(migration.name)
        if restart or begun is None or begun.done_at is not None or begun.version != self.version:
            begun = MigrationProgress(name=migration.name, started_at=now(), version=self.version)
        progress = begun
        async for progress in paged(self.documents, migration, begun, partial(self._migrate, migration), now):
            await self.documents.save(progress)
            show(progress)
        return progress

    async def _migrate(self, migration: Migration, document: Document) -> bool:
        """Whether the document changed."""
        current: Document | None = document
        for _ in range(ATTEMPTS):
            if current is None:
                return False
            fields = migration.migrated(current.fields)
            if is_same(fields, current.fields):
                return False
            try:
                await self.documents.rewrite(current, fields)
            except Conflict:
                current = await self.documents.find(document.path)
                continue
            return True
        raise Unavailable(f"The document {document.path} changes all the time.")
