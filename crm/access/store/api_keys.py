"""`api_keys/{id}`: keys of the systems that post records. A key is `crm_<id>_<secret>`, stored as a hash."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from google.cloud.firestore import AsyncClient

from crm.access.api_keys import ApiKey
from crm.kernel.errors import NotFound, Unauthenticated
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "api_keys"

CACHE_SECONDS: Final = 30.0
"""How long a verified key is cached: the longest time for which a revoked key still works."""


class ApiKeys:
    """Creates, lists, revokes and verifies API keys. Every call raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._cache: dict[str, tuple[float, str, ApiKey]] = {}

    async def create(self, key_id: str, name: str, by: str, now: datetime) -> tuple[ApiKey, str]:
        """Store a new key; return it with its text, which is not stored."""
        secret = secrets.token_urlsafe(32)
        fields = {"name": name, "created_by": by, "created_at": now, "revoked_at": None}
        commit = Commit(self._client)
        commit.create(_path(key_id), {**fields, "hash": _hash(secret)})
        await commit.send()
        return ApiKey(id=key_id, name=name, created_by=by, created_at=now), f"crm_{key_id}_{secret}"

    async def all(self) -> list[ApiKey]:
        """Every key, newest first, including revoked ones."""
        found = await documents.query(self._client, self._client.collection(COLLECTION))
        keys = [_decode(name, stored.fields) for name, stored in found.documents.items()]
        return sorted(keys, key=lambda key: (key.created_at, key.id), reverse=True)

    async def revoke(self, key_id: str, now: datetime) -> None:
        """Revoke a key, unless it is revoked. Raises NotFound."""
        stored = await documents.get(self._client, _path(key_id))
        if stored is None:
            raise NotFound("There is no such key.")
        if stored.fields.get("revoked_at") is None:
            commit = Commit(self._client)
            commit.change(_path(key_id), {"revoked_at": now})
            await commit.send()
        self._cache.pop(key_id, None)

    async def verify(self, text: str) -> ApiKey:
        """The key of this text. Raises Unauthenticated."""
        key_id, secret = _parts(text)
        until, digest, key = self._cache.get(key_id, (0.0, "", None))
        if key is None or until < time.monotonic():
            stored = await documents.get(self._client, _path(key_id))
            if stored is None:
                raise _refused()
            digest, key = stored.fields["hash"], _decode(key_id, stored.fields)
            self._cache[key_id] = (time.monotonic() + CACHE_SECONDS, digest, key)
        if not hmac.compare_digest(digest, _hash(secret)) or key.revoked_at is not None:
            raise _refused()
        return key


def new_id() -> str:
    """A random key id."""
    return secrets.token_hex(8)


def _path(key_id: str) -> str:
    return f"{COLLECTION}/{key_id}"


def _parts(text: str) -> tuple[str, str]:
    """The id and the secret of a key's text. The id names a document, so only hex digits pass."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != "crm" or not secret or not key_id or set(key_id) - set("0123456789abcdef"):
        raise _refused()
    return key_id, secret


def _refused() -> Unauthenticated:
    return Unauthenticated("The API key is unknown or has been revoked.")


def _hash(secret: str) -> str:
    """A plain hash suffices: the secret has 256 random bits, unlike a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _decode(key_id: str, fields: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        id=key_id,
        name=fields["name"],
        created_by=fields["created_by"],
        created_at=fields["created_at"],
        revoked_at=fields.get("revoked_at"),
    )
