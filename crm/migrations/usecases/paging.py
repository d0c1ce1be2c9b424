"""The documents of a migration, page by page."""

from asyncio import gather
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from crm.migrations.migration import Migration, MigrationProgress
from crm.migrations.ports import Document, MigratedDocuments

PAGE: Final = 200
"""Documents that are read, and rewritten concurrently, before the progress is stored."""


async def paged(
    documents: MigratedDocuments,
    migration: Migration,
    progress: MigrationProgress,
    changes: Callable[[Document], Awaitable[bool]],
    now: Callable[[], datetime],
) -> AsyncIterator[MigrationProgress]:
    """How far the migration came after each page, until it is done. `changes` handles a document and says
    whether it changes. Raises Unavailable."""
    while progress.done_at is None:
        page = await documents.page(migration.collection, progress.after, PAGE)
        changed = sum(await gather(*map(changes, page)))
        progress = replace(
            progress,
            after=page[-1].path if page else progress.after,
            seen=progress.seen + len(page),
            changed=progress.changed + changed,
            done_at=now() if len(page) < PAGE else None,
        )
        yield progress
