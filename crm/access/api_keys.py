"""API keys of the systems that post records: what they allow, until when, and how their text is made.

A key's text is `crm_<16 hex digits: id>_<43 characters: secret><8 hex digits: checksum>`. The checksum tells
a mistyped or invented text from a key without asking the database; it proves nothing.
"""

import hashlib
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Scope = Literal["ingest:customers", "ingest:orders"]
"""What an API key allows."""

SCOPES: Final[tuple[Scope, ...]] = ("ingest:customers", "ingest:orders")

_TEXT: Final = re.compile(r"(crm_([0-9a-f]{16})_([A-Za-z0-9_-]{43}))([0-9a-f]{8})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    """None for a key that works until it is revoked."""
    revoked_at: datetime | None = None
    """When it stopped working."""
    last_used_at: datetime | None = None
    """Exact to ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as it is stored, with the hash of its secret."""

    key: ApiKey
    digest: str


def text_of(key_id: str, secret: str) -> str:
    """The text of a key, which its owner sends."""
    start = f"crm_{key_id}_{secret}"
    return start + _checksum(start)


def parts_of(text: str) -> tuple[str, str] | None:
    """The id and the secret of a key's text; None for a text that is no key's."""
    found = _TEXT.fullmatch(text)
    return None if found is None or _checksum(found[1]) != found[4] else (found[2], found[3])


def digest_of(secret: str) -> str:
    """The hash of a secret. A plain one suffices: the secret has 256 random bits, unlike a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(start: str) -> str:
    return f"{zlib.crc32(start.encode()):08x}"
