"""`api_keys/{id}`: keys of the systems that post records, with the hash of each secret."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud.firestore import AsyncClient

from crm.access.api_keys import ApiKey, Scope, StoredKey, digest_of, text_of
from crm.kernel import errors
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "api_keys"


class ApiKeys:
    """Creates, lists and revokes API keys. Every call raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(
        self,
        key_id: str,
        name: str,
        by: str,
        now: datetime,
        scopes: Sequence[Scope],
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Store a new key; return it with its text, which is not stored."""
        secret = secrets.token_urlsafe(32)
        key = ApiKey(
            id=key_id,
            name=name,
            scopes=tuple(scopes),
            created_by=by,
            created_at=now,
            expires_at=expires_at,
        )
        commit = Commit(self._client)
        commit.create(
            _path(key_id),
            {
                "name": name,
                "scopes": list(scopes),
                "created_by": by,
                "created_at": now,
                "expires_at": expires_at,
                "revoked_at": None,
                "last_used_at": None,
                "hash": digest_of(secret),
            },
        )
        with suppress(AlreadyExists):  # retried by the client library: ids are random
            await commit.send()
        return key, text_of(key_id, secret)

    async def all(self) -> list[ApiKey]:
        """Every key, newest first, including revoked and expired ones."""
        found = await documents.query(self._client, self._client.collection(COLLECTION))
        keys = [_decode(name, stored.fields) for name, stored in found.documents.items()]
        return sorted(keys, key=lambda key: (key.created_at, key.id), reverse=True)

    async def find(self, key_id: str) -> StoredKey | None:
        """The key of this id."""
        stored = await documents.get(self._client, _path(key_id))
        if stored is None:
            return None
        return StoredKey(key=_decode(key_id, stored.fields), digest=stored.fields["hash"])

    async def note_use(self, key_id: str, now: datetime) -> None:
        """Store the time of use."""
        commit = Commit(self._client)
        commit.change(_path(key_id), {"last_used_at": now})
        with suppress(NotFound):
            await commit.send()

    async def revoke(self, key_id: str, now: datetime) -> None:
        """Revoke a key, unless it is revoked. Raises NotFound."""
        stored = await documents.get(self._client, _path(key_id))
        if stored is None:
            raise errors.NotFound("There is no such key.")
        if stored.fields.get("revoked_at") is None:
            commit = Commit(self._client)
            commit.change(_path(key_id), {"revoked_at": now})
            await commit.send()


def new_id() -> str:
    """A random key id."""
    return secrets.token_hex(8)


def _path(key_id: str) -> str:
    return f"{COLLECTION}/{key_id}"


def _decode(key_id: str, fields: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        id=key_id,
        name=fields["name"],
        scopes=tuple(fields.get("scopes", ())),  # none in keys from before there were scopes
        created_by=fields["created_by"],
        created_at=fields["created_at"],
        expires_at=fields.get("expires_at"),
        revoked_at=fields.get("revoked_at"),
        last_used_at=fields.get("last_used_at"),
    )
