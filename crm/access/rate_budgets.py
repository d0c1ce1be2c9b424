"""How many calls of which class of routes a caller may make, and how a limit is stated in headers.

A budget is a token bucket: `calls` at once, refilled evenly over `window` seconds. Buckets lie in the memory
of an instance, so a caller who reaches all instances has the budget as often as there are instances.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

RateClass = Literal[
    "default",
    "public",
    "docs",
    "sign_in",
    "previews",
    "exports",
    "imports",
    "ai",
    "test_sends",
    "ingest",
    "unsubscribe",
    "refused",
]
"""What routes share a budget. `refused` counts refused authentications of all routes."""

RATE_CLASSES: Final[tuple[RateClass, ...]] = get_args(RateClass)

_SETTING: Final = re.compile(r"([a-z_]+)=([1-9][0-9]{0,8})/([1-9][0-9]{0,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Budget:
    """`calls` at once, and as many again spread over each `window` of seconds."""

    calls: int
    window: int


BUDGETS: Final[Mapping[RateClass, Budget]] = {
    "default": Budget(600, 60),
    "public": Budget(600, 60),
    "docs": Budget(120, 60),
    "sign_in": Budget(120, 60),
    "previews": Budget(600, 60),
    "exports": Budget(30, 300),
    "imports": Budget(60, 600),
    "ai": Budget(20, 300),
    "test_sends": Budget(20, 1200),
    "ingest": Budget(2400, 60),
    "unsubscribe": Budget(1200, 60),
    "refused": Budget(300, 60),
}
"""Per API key, signed-in person, signed link, or source of other calls."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a budget after a call, or before one that is refused."""

    rate_class: RateClass
    budget: Budget
    is_allowed: bool
    remaining: int
    """Calls that may be made now."""
    full_in: float
    """Seconds until the whole budget is there again."""
    retry_in: float
    """Seconds until another call is allowed; 0 if one is."""

    @property
    def retry_after(self) -> int:
        """Whole seconds after which a call is allowed, at least 1."""
        return max(1, math.ceil(self.retry_in))

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers-10 writes them."""
        name = f'"{self.rate_class}"'
        return {
            "RateLimit-Policy": f"{name};q={self.budget.calls};w={self.budget.window}",
            "RateLimit": f"{name};r={self.remaining};t={math.ceil(self.full_in)}",
        }


def budgets_with(overrides: Sequence[str]) -> Mapping[RateClass, Budget]:
    """BUDGETS with settings such as `ingest=6000/60` applied in order; `all=` sets every class.

    Raises ValueError for a setting that is not `<class>=<calls>/<seconds>`.
    """
    found = dict(BUDGETS)
    for text in overrides:
        parts = _SETTING.fullmatch(text)
        classes = [each for each in RATE_CLASSES if parts is not None and parts[1] in (each, "all")]
        if parts is None or not classes:
            names = ", ".join(RATE_CLASSES)
            raise ValueError(f"a rate limit is <class>=<calls>/<seconds>, the class all or {names}: {text!r}")
        found.update(dict.fromkeys(classes, Budget(int(parts[2]), int(parts[3]))))
    return found
