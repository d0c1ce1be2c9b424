"""Token buckets by name, in bounded memory."""

import math
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from crm.access.rate_budgets import Budget, RateClass, Standing

SHARDS: Final = 16

MAX_BUCKETS: Final = 20_000
"""Buckets that are kept. The one unused for longest goes first, and is full when its owner returns."""

_ROUNDING: Final = 1e-6
"""Seconds by which a call may be early: what sums of floats lose."""


class RateBuckets:
    """The buckets of callers of one kind, so that a flood of one kind evicts none of another.

    A bucket is the time at which it is full again: it needs no task that refills it, and a full one need not
    be kept. Names are spread over shards by Python's hash, which is seeded anew in each process, so that
    nobody can choose a name that evicts a certain other one.
    """

    def __init__(self, max_buckets: int = MAX_BUCKETS) -> None:
        self._per_shard = max(1, max_buckets // SHARDS)
        self._shards: tuple[OrderedDict[tuple[RateClass, str], float], ...] = tuple(
            OrderedDict() for _ in range(SHARDS)
        )

    def __len__(self) -> int:
        return sum(map(len, self._shards))

    def look(self, rate_class: RateClass, name: str, budget: Budget, now: float) -> Standing:
        """What is left, without taking. `now` in seconds of a clock that never goes back."""
        key = (rate_class, name)
        full_at = self._shards[hash(key) % SHARDS].get(key, now)
        return _standing(rate_class, budget, max(full_at, now) - now)

    def take(self, rate_class: RateClass, name: str, budget: Budget, now: float) -> Standing:
        """Take a call from the bucket, unless it is empty."""
        key = (rate_class, name)
        shard = self._shards[hash(key) % SHARDS]
        missing = max(shard.get(key, now), now) - now
        before = _standing(rate_class, budget, missing)
        if not before.is_allowed:
            shard.move_to_end(key)
            return before
        missing += budget.window / budget.calls
        shard[key] = now + missing
        shard.move_to_end(key)
        if len(shard) > self._per_shard:
            shard.popitem(last=False)
        return replace(_standing(rate_class, budget, missing), is_allowed=True)


def _standing(rate_class: RateClass, budget: Budget, full_in: float) -> Standing:
    """Of a bucket that is full in `full_in` seconds."""
    per_call = budget.window / budget.calls
    remaining = max(0, math.floor((budget.window - full_in + _ROUNDING) / per_call))
    retry_in = 0.0 if remaining else full_in + per_call - budget.window
    return Standing(rate_class, budget, remaining > 0, remaining, full_in, retry_in)
