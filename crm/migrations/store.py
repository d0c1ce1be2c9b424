"""`migrations/{name}`: how far a migration came; and the documents of any collection, to be rewritten."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from google.api_core.exceptions import FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Conflict
from crm.kernel.stored_values import is_same, of_fields
from crm.migrations.migration import Fields, MigrationProgress
from crm.migrations.ports import Document
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "migrations"

PAGE_TIMEOUT: Final = 60.0
"""Seconds for a page. The emulator scans whole collections for each."""


class FirestoreMigrations:
    """`crm.migrations.ports.MigratedDocuments` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def progress(self, name: str) -> MigrationProgress | None:
        """How far the migration came; None if it never ran."""
        stored = await documents.get(self._client, f"{COLLECTION}/{name}")
        return stored and of_fields(MigrationProgress, stored.fields)

    async def save(self, progress: MigrationProgress) -> None:
        """Store how far it came."""
        commit = Commit(self._client)
        commit.merge(f"{COLLECTION}/{progress.name}", asdict(progress))
        await commit.send()

    async def page(self, collection: str, after: str | None, limit: int) -> Sequence[Document]:
        """The next documents of the collection by path."""
        query = self._client.collection_group(collection).order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({"__name__": self._client.document(after)})
        found = await documents.query_paths(self._client, query, PAGE_TIMEOUT)
        return [Document(path, stored.fields, stored.etag) for path, stored in found.items()]

    async def find(self, path: str) -> Document | None:
        """The document as it is now."""
        stored = await documents.get(self._client, path)
        return stored and Document(path, stored.fields, stored.etag)

    async def rewrite(self, document: Document, fields: Fields) -> None:
        """Write the fields that differ. Raises Conflict if the document has changed since."""
        before = document.fields
        changed = {
            name: value
            for name, value in fields.items()
            if name not in before or not is_same(before[name], value)
        }
        commit = Commit(self._client)
        commit.update(document.path, changed, document.etag, removed=before.keys() - fields.keys())
        try:
            await commit.send()
        except (FailedPrecondition, NotFound) as error:
            raise Conflict("The document has changed meanwhile.") from error
