"""The session cookie: a signed statement of who signed in, valid for twelve hours."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

from crm.access.members import Session
from crm.kernel.errors import Unauthenticated

LIFETIME: Final = timedelta(hours=12)
"""From sign-in until the session ends by itself."""

MIN_SECRET: Final = 16
"""Least characters of a signing secret; a shorter one could be guessed."""

MAX_NAME: Final = 100
"""Characters of a name in the cookie. Browsers drop cookies over 4,096 bytes."""


class Sessions:
    """Signs with the first secret and verifies with all of them, so that secrets can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError without secrets, or for a short one."""
        self._serializer = serializer(keys, "session")

    def issue(self, session: Session) -> str:
        """The cookie of a person who has just been authenticated."""
        name = session.name[:MAX_NAME]
        cookie: str = self._serializer.dumps(
            [session.id, session.email, name, session.subject, session.version]
        )
        return cookie

    def verify(self, cookie: str) -> Session:
        """The session that a cookie names. Raises Unauthenticated for a forged, altered or expired one."""
        try:
            session_id, email, name, subject, version = self._serializer.loads(
                cookie, max_age=int(LIFETIME.total_seconds())
            )
        except (BadData, TypeError, ValueError) as error:  # signed before sessions had an id
            raise Unauthenticated("Your session is over. Sign in again.") from error
        return Session(id=session_id, email=email, name=name, subject=subject, version=version)


def new_id() -> str:
    """A random session id."""
    return secrets.token_hex(16)


def serializer(keys: Sequence[str], salt: str) -> URLSafeTimedSerializer:
    """Signs statements of one kind, its `salt`. Raises ValueError without secrets, or for a short one."""
    if not keys or any(len(key) < MIN_SECRET for key in keys):
        raise ValueError(f"session secrets: at least one, each of {MIN_SECRET} characters or more")
    # The library signs with the last of its keys.
    return URLSafeTimedSerializer(
        list(reversed(keys)), salt=salt, signer_kwargs={"digest_method": hashlib.sha256}
    )
