"""Verifies identity tokens: of Google sign-in, push subscriptions and the scheduler."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2
from google.auth import exceptions, jwt

from crm.kernel.errors import Unauthenticated, Unavailable

logger = logging.getLogger(__name__)

CLOCK_SKEW = 10
"""Seconds by which the issuer's clock and ours may differ."""

FETCH_TIMEOUT = 5.0
"""Seconds that fetching the certificates may take."""

DEFAULT_MAX_AGE = 300
"""Seconds that certificates are cached if the issuer does not say."""

REFETCH_AFTER = 30
"""Least seconds from a fetch until the next, whatever the issuer says and which unknown keys tokens name."""

RETRY_AFTER = 10
"""Seconds from the start of a fetch that fails until the next. More than FETCH_TIMEOUT, so that all who wait
for one fetch share its failure."""

MAX_STALE = 3600
"""Seconds for which certificates are used beyond their max-age while they cannot be fetched again."""

_MAX_AGE = re.compile(r"max-age=(\d+)")


class IdTokens:
    """Verifies RS256 identity tokens of a set of issuers. Certificates are cached for their max-age.

    While they cannot be fetched again, the known ones are used for another MAX_STALE seconds: a key that the
    issuer withdraws in that time is accepted until then. A token of a known key does not wait for a fetch
    that is under way, however many tokens name unknown keys.
    """

    def __init__(
        self, certs_url: str, issuers: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._certs_url = certs_url
        self._issuers = tuple(issuers)
        self._certs: Mapping[str, str] = {}
        self._clock = clock
        self._fresh_until = float("-inf")
        self._next_fetch = float("-inf")
        self._is_failing = False
        self._fetching = asyncio.Lock()

    async def verify(self, token: str, audience: str) -> Mapping[str, Any]:
        """The claims of a token with valid signature, times, audience and issuer.

        Raises Unauthenticated for any other token, Unavailable if its certificate cannot be fetched.
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
        """The certificates, fetched again where they are stale or lack the key, if that is due.

        Raises Unavailable where the key may be among those that could not be fetched.
        """
        if key_id in self._certs and self._clock() < self._fresh_until:
            return self._certs
        if not (self._is_usable(key_id) and self._fetching.locked()):
            async with self._fetching:
                if self._clock() >= self._next_fetch:
                    await self._fetch()
        if self._is_failing and not self._is_usable(key_id):
            raise Unavailable("The issuer's certificates cannot be fetched.", retry_after=RETRY_AFTER)
        return self._certs

    def _is_usable(self, key_id: str) -> bool:
        return key_id in self._certs and self._clock() < self._fresh_until + MAX_STALE

    async def _fetch(self) -> None:
        """Fetch the certificates. A failure is kept for all who wait for them, until the next attempt."""
        now = self._clock()
        self._next_fetch = now + RETRY_AFTER
        self._is_failing = True
        try:
            async with asyncio.timeout(FETCH_TIMEOUT), httpx2.AsyncClient(timeout=FETCH_TIMEOUT) as client:
                response = await client.get(self._certs_url)
            response.raise_for_status()
            certs = response.json()
            if not isinstance(certs, dict):
                raise ValueError("not a mapping of key ids to certificates")
        except (httpx2.HTTPError, TimeoutError, ValueError):
            logger.warning("an issuer's certificates cannot be fetched", exc_info=True)
            return
        max_age = _MAX_AGE.search(response.headers.get("cache-control", ""))
        self._certs = certs
        self._is_failing = False
        self._next_fetch = now + REFETCH_AFTER
        self._fresh_until = now + max(REFETCH_AFTER, int(max_age.group(1)) if max_age else DEFAULT_MAX_AGE)


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
