"""Nonces of sign-ins: the server signs them, the issuer puts them into the identity token."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from itsdangerous import BadData

from crm.access.sessions import serializer
from crm.kernel.errors import Unauthenticated

LIFETIME: Final = timedelta(minutes=10)
"""From the request for a nonce until the sign-in with it."""

_MAX_LENGTH: Final = 500


class Nonces:
    """Issues nonces, and recognises its own. They are signed, so issuing one stores nothing."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are those that sign sessions. Raises ValueError as `Sessions` does."""
        self._serializer = serializer(keys, "nonce")

    def issue(self) -> str:
        """A nonce for one sign-in."""
        nonce: str = self._serializer.dumps(secrets.token_hex(16))
        return nonce

    def verify(self, nonce: object) -> str:
        """The random id of a nonce. Raises Unauthenticated for any that was not issued here of late."""
        try:
            if not isinstance(nonce, str) or len(nonce) > _MAX_LENGTH:
                raise BadData("not a nonce")
            found: str = self._serializer.loads(nonce, max_age=int(LIFETIME.total_seconds()))
        except (BadData, ValueError) as error:  # ValueError: half a character
            raise Unauthenticated(
                "The identity token was not made for a sign-in here, or too long ago. Sign in again."
            ) from error
        return found
