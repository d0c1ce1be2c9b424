"""Limits calls per API key, person and source, and refused authentications per source."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from crm.access.api_keys import ApiKey
from crm.access.members import SignedIn
from crm.access.origins import network_of
from crm.access.rate_buckets import RateBuckets
from crm.access.rate_budgets import RateClass, Standing, budgets_with
from crm.access.refused_callers import RefusedCallers
from crm.entry.headers import say
from crm.entry.sources import source_of
from crm.kernel.errors import TooManyRequests

MAX_TRUSTED: Final = 10_000
"""Trusted sources that an instance remembers; the one unused for longest goes first."""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """Who follows a link that this installation has signed."""

    id: str


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
        self._trusted: OrderedDict[str, None] = OrderedDict()
        self._emptied = RefusedCallers(clock)

    def require_trust(self, request: Request) -> None:
        """Raise TooManyRequests if too many authentications of this source were refused of late.

        To be called before a forged credential causes work. A trusted source is not held back.
        """
        source = source_of(request, self._hops)
        if source not in self._trusted:
            _require(request, self._refused.look("refused", source, self._budgets["refused"], self.clock()))

    def refuse(self, request: Request) -> None:
        """Count a refused authentication. Raises TooManyRequests if too many were refused before it."""
        source = source_of(request, self._hops)
        standing = self._refused.take("refused", source, self._budgets["refused"], self.clock())
        if not standing.remaining:
            self._emptied.note("too_many_refused", "network", network_of(source))
        _require(request, standing)

    def trust(self, request: Request) -> None:
        """Remember the source of a webhook whose signature holds, so that what others send from there, such
        as other customers of the same provider, does not hold it back."""
        source = source_of(request, self._hops)
        self._trusted[source] = None
        self._trusted.move_to_end(source)
        if len(self._trusted) > MAX_TRUSTED:
            self._trusted.popitem(last=False)

    def take(self, request: Request, rate_class: RateClass, caller: object) -> None:
        """Take a call from the budget of a key, a person or a signed link, or of the source of anybody else.

        Raises TooManyRequests if nothing is left.
        """
        buckets, name = self._sources, ""
        if isinstance(caller, ApiKey):
            buckets, name = self._callers, f"key {caller.id}"
        elif isinstance(caller, SignedIn):
            buckets, name = self._callers, f"person {caller.email}"
        elif isinstance(caller, SignedLink):
            buckets, name = self._callers, f"link {caller.id}"
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
