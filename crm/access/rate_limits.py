"""Limits calls per API key, person and source, and refused authentications per source before any work."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from starlette.requests import Request

from crm.access.api_keys import ApiKey
from crm.access.members import SignedIn
from crm.access.rate_buckets import RateBuckets
from crm.access.rate_budgets import RateClass, Standing, budgets_with
from crm.access.session_auth import COOKIE
from crm.entry.headers import say
from crm.entry.sources import source_of
from crm.kernel.errors import TooManyRequests

MAX_PROVEN: Final = 10_000
"""Accepted credentials that an instance remembers; the one unused for longest goes first."""


class RateLimits:
    """The buckets of one instance. They cost no read and no write."""

    def __init__(
        self,
        overrides: Sequence[str] = (),
        trusted_hops: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ValueError for an override that `budgets_with` does not take."""
        self.clock = clock
        self._budgets = budgets_with(overrides)
        self._hops = trusted_hops
        self._callers = RateBuckets()
        self._sources = RateBuckets()
        self._refused = RateBuckets()
        self._proven: OrderedDict[bytes, None] = OrderedDict()

    def require_trust(self, request: Request) -> None:
        """Raise TooManyRequests if too many authentications of this source were refused of late.

        A credential that was accepted before is not held back by what others of its source send.
        """
        if _credential_of(request) in self._proven:
            return
        standing = self._refused.look(
            "refused", source_of(request, self._hops), self._budgets["refused"], self.clock()
        )
        if not standing.is_allowed:
            _require(request, standing)

    def refuse(self, request: Request) -> None:
        """Count a refused authentication."""
        self._proven.pop(_credential_of(request), None)
        source = source_of(request, self._hops)
        standing = self._refused.take("refused", source, self._budgets["refused"], self.clock())
        say(request.scope, standing.headers())

    def accept(self, request: Request) -> None:
        """Remember the credential of an accepted call."""
        credential = _credential_of(request)
        self._proven[credential] = None
        self._proven.move_to_end(credential)
        if len(self._proven) > MAX_PROVEN:
            self._proven.popitem(last=False)

    def take(self, request: Request, rate_class: RateClass, caller: object) -> None:
        """Take a call from the budget of a key, of a person, or of the source of anybody else.

        Raises TooManyRequests if nothing is left.
        """
        buckets, name = self._sources, ""
        if isinstance(caller, ApiKey):
            buckets, name = self._callers, f"key {caller.id}"
        elif isinstance(caller, SignedIn):
            buckets, name = self._callers, f"person {caller.email}"
        else:
            name = source_of(request, self._hops)
        _require(request, buckets.take(rate_class, name, self._budgets[rate_class], self.clock()))


def _require(request: Request, standing: Standing) -> None:
    say(request.scope, standing.headers())
    if not standing.is_allowed:
        raise TooManyRequests(
            f"Too many calls: {standing.budget.calls:,} in {standing.budget.window:,} seconds are allowed "
            f"here. Try again in {standing.retry_after:,} s.",
            standing.retry_after,
        )


def _credential_of(request: Request) -> bytes:
    """A hash of all that may prove a caller."""
    proof = "\n".join(
        (
            request.headers.get("authorization", ""),
            request.cookies.get(COOKIE, ""),
            request.query_params.get("token", ""),
        )
    )
    return hashlib.blake2b(proof.encode(), digest_size=16).digest()
