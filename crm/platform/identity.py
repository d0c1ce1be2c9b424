"""Verifies identity tokens: of Google sign-in, push subscriptions and the scheduler."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
from google.auth import exceptions, jwt

from crm.kernel.errors import Unauthenticated, Unavailable

CLOCK_SKEW = 10
"""Seconds by which the issuer's clock and ours may differ."""

FETCH_TIMEOUT = 5.0
"""Seconds that a request for the certificates may take."""

DEFAULT_MAX_AGE = 300
"""Seconds that certificates are cached if the issuer does not say."""

REFETCH_AFTER = 30
"""Least seconds between two fetches caused by tokens with an unknown key."""

_MAX_AGE = re.compile(r"max-age=(\d+)")


class IdTokens:
    """Verifies RS256 identity tokens of a set of issuers. Certificates are cached for their max-age."""

    def __init__(self, certs_url: str, issuers: Sequence[str]) -> None:
        self._certs_url = certs_url
        self._issuers = tuple(issuers)
        self._certs: Mapping[str, str] = {}
        self._fetched_at = float("-inf")
        self._fresh_until = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str, audience: str) -> Mapping[str, Any]:
        """The claims of a token with valid signature, times, audience and issuer.

        Raises Unauthenticated for any other token, Unavailable if the certificates cannot be fetched.
        """
        if not audience:
            # google-auth accepts any audience if none is given; a missing setting must deny, not allow.
            raise Unauthenticated("No audience is configured here, so no identity token is accepted.")
        key_id = _key_id(token)
        try:
            certs = await self._certificates(key_id)
            claims: Mapping[str, Any] = jwt.decode(
                token, certs=certs, audience=audience, clock_skew_in_seconds=CLOCK_SKEW
            )
        except (exceptions.GoogleAuthError, ValueError, TypeError, AttributeError) as error:
            raise Unauthenticated("The identity token does not hold.") from error
        if claims.get("iss") not in self._issuers:
            raise Unauthenticated("The identity token comes from an issuer that is not accepted here.")
        return claims

    async def _certificates(self, key_id: str) -> Mapping[str, str]:
        async with self._fetching:
            now = time.monotonic()
            unknown_key = key_id not in self._certs and now - self._fetched_at > REFETCH_AFTER
            if now >= self._fresh_until or unknown_key:
                await self._fetch(now)
            return self._certs

    async def _fetch(self, now: float) -> None:
        try:
            async with httpx2.AsyncClient(timeout=FETCH_TIMEOUT) as client:
                response = await client.get(self._certs_url)
            response.raise_for_status()
            certs = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable("The issuer's certificates cannot be fetched.") from error
        max_age = _MAX_AGE.search(response.headers.get("cache-control", ""))
        self._certs = certs
        self._fetched_at = now
        self._fresh_until = now + (int(max_age.group(1)) if max_age else DEFAULT_MAX_AGE)


def _key_id(token: str) -> str:
    """The id of the key that signed the token. Raises Unauthenticated for a token without one."""
    try:
        header = jwt.decode_header(token)
    except (exceptions.GoogleAuthError, ValueError, TypeError, AttributeError) as error:
        raise Unauthenticated("This is not an identity token.") from error
    key_id = header.get("kid") if isinstance(header, Mapping) else None
    if not isinstance(key_id, str) or header.get("alg") != "RS256":
        raise Unauthenticated("The identity token is not signed with a named RS256 key.")
    return key_id
