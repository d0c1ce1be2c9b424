"""`webhook_secrets/{id}`: the valid webhook secrets, without their texts, which are derived from the ids.

So neither the database nor its backups contain a secret.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.access.webhook_secrets import WebhookSecret
from crm.kernel.errors import Conflict, NotFound
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "webhook_secrets"

MAX_SECRETS: Final = 10
"""Valid secrets at any time: an unknown signature is checked against all of them."""


class WebhookSecrets:
    """Creates, lists and revokes webhook secrets. Every call raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(self, secret_id: str, by: str, now: datetime) -> WebhookSecret:
        """Store a new secret. Raises Conflict if there are MAX_SECRETS."""
        if len(await self.live_secrets()) >= MAX_SECRETS:
            raise Conflict(f"There are {MAX_SECRETS} webhook secrets. End one first.")
        commit = Commit(self._client)
        commit.create(_path(secret_id), {"by": by, "at": now, "used_at": None})
        with suppress(api.AlreadyExists):  # retried by the client library: ids are random
            await commit.send()
        return WebhookSecret(id=secret_id, created_by=by, created_at=now)

    async def live_secrets(self) -> Sequence[WebhookSecret]:
        """The valid secrets, newest first."""
        query = self._client.collection(COLLECTION).limit(2 * MAX_SECRETS)
        found = await documents.query(self._client, query)
        live = [
            WebhookSecret(
                id=name,
                created_by=stored.fields["by"],
                created_at=stored.fields["at"],
                last_used_at=stored.fields.get("used_at"),
            )
            for name, stored in found.documents.items()
        ]
        return sorted(live, key=lambda secret: (secret.created_at, secret.id), reverse=True)

    async def note_use(self, secret_id: str, now: datetime) -> None:
        """Store the time of use, unless the secret is revoked or was used concurrently."""
        stored = await documents.get(self._client, _path(secret_id))
        if stored is not None:
            commit = Commit(self._client)
            commit.update(_path(secret_id), {"used_at": now}, stored.etag)
            with suppress(api.FailedPrecondition, api.NotFound):
                await commit.send()

    async def revoke(self, secret_id: str) -> None:
        """Delete a secret. Raises NotFound."""
        if await documents.get(self._client, _path(secret_id)) is None:
            raise NotFound("There is no such webhook secret.")
        commit = Commit(self._client)
        commit.delete(_path(secret_id))
        await commit.send()


def new_id() -> str:
    """A random secret id."""
    return secrets.token_hex(8)


def _path(secret_id: str) -> str:
    return f"{COLLECTION}/{secret_id}"
