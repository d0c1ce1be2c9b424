"""The session cookie: a signed statement of who signed in, good for twelve hours."""

import hashlib
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeTimedSerializer

from crm.access.members import Person
from crm.kernel.errors import Unauthenticated

LIFETIME = 12 * 3600
"""Seconds from sign-in until the session ends."""

MIN_SECRET = 16
"""Characters that a signing secret must have; a shorter one could be guessed."""


class Sessions:
    """Signs with the first secret and accepts all of them, so that secrets can be rotated.

    Raises ValueError without secrets, or with a short one: sessions anyone can forge are worse than none.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or any(len(secret) < MIN_SECRET for secret in secrets):
            raise ValueError(f"session secrets: at least one, each of {MIN_SECRET} characters or more")
        # The library signs with the last of its keys.
        self._serializer = URLSafeTimedSerializer(
            list(reversed(secrets)), salt="session", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def issue(self, person: Person) -> str:
        """The cookie's value for a person who just proved who they are."""
        cookie: str = self._serializer.dumps([person.email, person.name])
        return cookie

    def read(self, cookie: str) -> Person:
        """Whom the cookie names. Raises Unauthenticated for one that is forged, altered or too old."""
        try:
            email, name = self._serializer.loads(cookie, max_age=LIFETIME)
        except BadData as error:
            raise Unauthenticated("Your session is over. Sign in again.") from error
        return Person(email=email, name=name)
