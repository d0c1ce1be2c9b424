"""The backups of the database, as Firestore's administration knows them. The emulator has none."""

import asyncio
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_admin_v1 import FirestoreAdminClient
from google.cloud.firestore_admin_v1.types import Backup
from requests import RequestException

from crm.kernel.errors import Unavailable
from crm.supervision.backups import Backups

TIMEOUT = 10.0
"""Seconds of one call with its retries."""


class FirestoreBackups:
    """Asks for the backups of one database. Making it connects to nothing."""

    def __init__(self, project: str, database: str, **client: Any) -> None:
        """`client` goes to the library's client."""
        self._project = project
        self._database = f"projects/{project}/databases/{database}"
        self._client = client

    async def __call__(self) -> Backups:
        """Raises Unavailable, also where this account may not ask."""
        try:
            return await asyncio.to_thread(self._ask)
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            raise Unavailable(f"Firestore does not say which backups there are: {error}") from error

    def _ask(self) -> Backups:
        # REST, for gRPC would open a second channel for two calls an hour.
        with FirestoreAdminClient(**{"transport": "rest", **self._client}) as client:
            database = client.get_database(name=self._database, timeout=TIMEOUT)
            found = client.list_backups(
                parent=f"projects/{self._project}/locations/{database.location_id}", timeout=TIMEOUT
            )
        if found.unreachable:
            raise Unavailable(f"Backups cannot be listed in {', '.join(found.unreachable)}.")
        whole = (
            backup.snapshot_time
            for backup in found.backups
            if backup.database_uid == database.uid and backup.state == Backup.State.READY
        )
        return Backups(database.create_time, max(whole, default=None))
