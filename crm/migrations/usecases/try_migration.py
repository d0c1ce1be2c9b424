"""Try a migration: count the documents that it would change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm.kernel.stored_values import is_same
from crm.migrations.migration import Migration, MigrationProgress
from crm.migrations.ports import Document, MigratedDocuments
from crm.migrations.usecases.paging import paged


@dataclass(frozen=True, slots=True, kw_only=True)
class TryMigration:
    """Counts what a migration would change, and writes nothing."""

    documents: MigratedDocuments

    async def __call__(
        self, migration: Migration, now: Callable[[], datetime], show: Callable[[MigrationProgress], None]
    ) -> MigrationProgress:
        """The figures of all documents; `show` is called after each page. Raises Unavailable."""

        async def changes(document: Document) -> bool:
            return not is_same(migration.migrated(document.fields), document.fields)

        progress = begun = MigrationProgress(name=migration.name, started_at=now())
        async for progress in paged(self.documents, migration, begun, changes, now):
            show(progress)
        return progress
