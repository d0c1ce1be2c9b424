"""API keys of the systems that post records: `crm_<id>_<secret>`, shown once and stored as a hash."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore import SERVER_TIMESTAMP, AsyncClient, DocumentSnapshot

from crm.kernel.errors import NotFound, Unauthenticated
from crm.platform.firestore.get_many import fetch, plain_time
from crm.platform.google_errors import RETRY, TIMEOUT, translated

COLLECTION = "api_keys"

KEPT_SECONDS = 30.0
"""How long a verified key is believed without asking the database; a revoked one works at most that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """What may be told of a key. `revoked_at` is set once it no longer works."""

    id: str
    name: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


class ApiKeys:
    """Makes, lists, revokes and verifies API keys."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._believed: dict[str, tuple[float, str, KeyInfo]] = {}

    async def create(
        self, name: str, by: str, now: datetime, key_id: str | None = None
    ) -> tuple[KeyInfo, str]:
        """A new key, of that id or any, and its text, which is not kept anywhere. Raises Unavailable."""
        info = KeyInfo(id=key_id or new_id(), name=name, created_by=by, created_at=now)
        secret = secrets.token_urlsafe(32)
        document = {"name": name, "created_by": by, "created_at": now, "revoked_at": None}
        document["hash"] = _hash(secret)
        async with translated("The database"):
            await self._client.document(f"{COLLECTION}/{info.id}").create(
                document, retry=RETRY, timeout=TIMEOUT
            )
        return info, f"crm_{info.id}_{secret}"

    async def list(self) -> list[KeyInfo]:
        """Every key, newest first, revoked ones too. Raises Unavailable."""
        async with translated("The database"):
            found = await self._client.collection(COLLECTION).get(retry=RETRY, timeout=TIMEOUT)
        return sorted(map(_info, found), key=lambda info: (info.created_at, info.id), reverse=True)

    async def revoke(self, key_id: str) -> None:
        """End a key; one that has ended stays as it is. Raises NotFound, Unavailable."""
        stored = await self._stored(key_id)
        if stored is None:
            raise NotFound("There is no such key.")
        if stored.get("revoked_at") is None:
            async with translated("The database"):
                await stored.reference.update({"revoked_at": SERVER_TIMESTAMP}, retry=RETRY, timeout=TIMEOUT)
        self._believed.pop(key_id, None)

    async def verify(self, bearer: str) -> KeyInfo:
        """Whose key this text is. Raises Unauthenticated, Unavailable."""
        key_id, secret = _parts(bearer)
        until, digest, info = self._believed.get(key_id, (0.0, "", None))
        if info is None or until < time.monotonic():
            stored = await self._stored(key_id)
            if stored is None:
                raise _refused()
            digest, info = stored.get("hash"), _info(stored)
            self._believed[key_id] = (time.monotonic() + KEPT_SECONDS, digest, info)
        if not hmac.compare_digest(digest, _hash(secret)) or info.revoked_at is not None:
            raise _refused()
        return info

    async def _stored(self, key_id: str) -> DocumentSnapshot[Any] | None:
        return next(iter(await fetch(self._client, [f"{COLLECTION}/{key_id}"])), None)


def new_id() -> str:
    """An id that no key has."""
    return secrets.token_hex(8)


def _parts(bearer: str) -> tuple[str, str]:
    """The id and the secret of a key's text. The id names a document, so nothing but hex digits passes."""
    prefix, _, rest = bearer.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != "crm" or not secret or not key_id or set(key_id) - set("0123456789abcdef"):
        raise _refused()
    return key_id, secret


def _refused() -> Unauthenticated:
    return Unauthenticated("The API key is unknown or has been revoked.")


def _hash(secret: str) -> str:
    """A plain hash is enough: the secret is 256 random bits, not a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _info(stored: DocumentSnapshot[Any]) -> KeyInfo:
    fields = stored.to_dict() or {}
    created_at = plain_time(fields["created_at"])
    assert created_at is not None
    return KeyInfo(
        id=stored.id,
        name=fields["name"],
        created_by=fields["created_by"],
        created_at=created_at,
        revoked_at=plain_time(fields.get("revoked_at")),
    )
