"""Run a migration: rewrite the documents of a collection, page by page, while others write them."""

from asyncio import gather
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crm.kernel.errors import Conflict, Unavailable
from crm.kernel.stored_values import is_same
from crm.migrations.migration import Migration, Progress
from crm.migrations.ports import Document, MigratedDocuments

PAGE: Final = 200
"""Documents that are read, and rewritten concurrently, before the progress is stored."""

ATTEMPTS: Final = 8
"""Attempts at one document that others change meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMigration:
    """Rewrites each document under its etag. A run that was killed goes on after the last page it finished;
    a document that is looked at twice stays as it is."""

    documents: MigratedDocuments

    async def __call__(
        self, migration: Migration, now: Callable[[], datetime], show: Callable[[Progress], None]
    ) -> Progress:
        """Run to the end; `show` is called after each page. Raises Unavailable.

        A migration that is done starts over: it may have been done by an earlier version.
        """
        progress = await self.documents.progress(migration.name)
        if progress is None or progress.done_at is not None:
            progress = Progress(name=migration.name, started_at=now())
        while True:
            page = await self.documents.page(migration.collection, progress.after, PAGE)
            changed = sum(await gather(*(self._migrate(migration, document) for document in page)))
            progress = replace(
                progress,
                after=page[-1].path if page else progress.after,
                seen=progress.seen + len(page),
                changed=progress.changed + changed,
                done_at=now() if len(page) < PAGE else None,
            )
            await self.documents.save(progress)
            show(progress)
            if progress.done_at is not None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TryMigration:
    """Counts what a migration would change, and writes nothing."""

    documents: MigratedDocuments

    async def __call__(
        self, migration: Migration, now: Callable[[], datetime], show: Callable[[Progress], None]
    ) -> Progress:
        """The figures of all documents; `show` is called after each page. Raises Unavailable."""
        progress = Progress(name=migration.name, started_at=now())
        while True:
            page = await self.documents.page(migration.collection, progress.after, PAGE)
            changed = sum(not is_same(migration.migrated(each.fields), each.fields) for each in page)
            progress = replace(
                progress,
                after=page[-1].path if page else progress.after,
                seen=progress.seen + len(page),
                changed=progress.changed + changed,
            )
            show(progress)
            if len(page) < PAGE:
                return progress
