"""The session cookie: a signed statement of who signed in, valid for twelve hours."""

import hashlib
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeTimedSerializer

from crm.access.members import Person
from crm.kernel.errors import Unauthenticated

LIFETIME = 12 * 3600
"""Seconds from sign-in until the session ends."""

MIN_SECRET = 16
"""Least characters of a signing secret; a shorter one could be guessed."""


class Sessions:
    """Signs with the first secret and verifies with all of them, so that secrets can be rotated."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises ValueError without secrets, or for a short one."""
        if not secrets or any(len(secret) < MIN_SECRET for secret in secrets):
            raise ValueError(f"session secrets: at least one, each of {MIN_SECRET} characters or more")
        # The library signs with the last of its keys.
        self._serializer = URLSafeTimedSerializer(
            list(reversed(secrets)), salt="session", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def issue(self, person: Person) -> str:
        """The cookie of a person who has just been authenticated."""
        cookie: str = self._serializer.dumps([person.email, person.name])
        return cookie

    def verify(self, cookie: str) -> Person:
        """The person that a cookie names. Raises Unauthenticated for a forged, altered or expired one."""
        try:
            email, name = self._serializer.loads(cookie, max_age=LIFETIME)
        except BadData as error:
            raise Unauthenticated("Your session is over. Sign in again.") from error
        return Person(email=email, name=name)
