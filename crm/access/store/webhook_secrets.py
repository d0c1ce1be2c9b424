"""`webhook_secrets/{id}`: the webhook secrets that are live, without what they are.

A secret follows from its id and the installation's key (`crm.access.webhook_secrets.made_of`), so neither the
database nor its backups hold one.
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Conflict, NotFound
from crm.platform.firestore import documents
from crm.platform.firestore.get_many import fetch

COLLECTION: Final = "webhook_secrets"

MOST: Final = 10
"""Secrets that are live at once: each call of a stranger is held against all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretInfo:
    """What may be told of a secret. `last_used_at` is exact to some minutes."""

    id: str
    created_by: str
    created_at: datetime
    last_used_at: datetime | None = None


class WebhookSecrets:
    """Begins, lists and ends webhook secrets."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def begin(self, secret_id: str, by: str, now: datetime) -> SecretInfo:
        """A new one. Raises Conflict where there are as many as there may be, Unavailable."""
        if len(await self.live()) >= MOST:
            raise Conflict(f"There are {MOST} webhook secrets. End one first.")
        commit = documents.Commit(self._client)
        commit.create(f"{COLLECTION}/{secret_id}", {"by": by, "at": now, "used_at": None})
        with suppress(api.AlreadyExists):  # sent again by the client library: ids are random
            await commit.send()
        return SecretInfo(id=secret_id, created_by=by, created_at=now)

    async def live(self) -> Sequence[SecretInfo]:
        """Those that count, newest first. Raises Unavailable."""
        found = await documents.query(self._client, self._client.collection(COLLECTION).limit(2 * MOST))
        known = [_info(name, stored.fields) for name, stored in found.documents.items()]
        return sorted(known, key=lambda info: (info.created_at, info.id), reverse=True)

    async def used(self, secret_id: str, now: datetime) -> None:
        """Note that it was used. Of one that has ended nothing is noted. Raises Unavailable."""
        for stored in (await documents.read(self._client, [f"{COLLECTION}/{secret_id}"])).values():
            commit = documents.Commit(self._client)
            commit.update(f"{COLLECTION}/{secret_id}", {"used_at": now}, stored.etag)
            try:
                await commit.send()
            except (api.FailedPrecondition, api.NotFound):
                return  # another instance has just noted it, or it ended

    async def end(self, secret_id: str) -> None:
        """It counts no more. Raises NotFound, Unavailable."""
        if not await fetch(self._client, [f"{COLLECTION}/{secret_id}"]):
            raise NotFound("There is no such webhook secret.")
        commit = documents.Commit(self._client)
        commit.delete(f"{COLLECTION}/{secret_id}")
        await commit.send()


def new_id() -> str:
    """An id that no secret has."""
    return secrets.token_hex(8)


def _info(name: str, fields: Mapping[str, Any]) -> SecretInfo:
    return SecretInfo(
        id=name, created_by=fields["by"], created_at=fields["at"], last_used_at=fields.get("used_at")
    )
