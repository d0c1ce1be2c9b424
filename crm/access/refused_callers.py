"""Log lines about callers whose credentials are refused: few, however many calls are."""

import logging
import time
from collections.abc import Callable
from typing import Final, Literal

logger = logging.getLogger(__name__)

Reason = Literal[
    "key_unknown",
    "key_revoked",
    "key_expired",
    "key_scope",
    "webhook_unsigned",
    "webhook_time",
    "webhook_signature",
    "too_many_refused",
]
"""`key_unknown`: no key has this id, or its secret is another. `webhook_unsigned`: a header of the signature
is missing. `too_many_refused`: a source has used up its budget of refused authentications."""

CALLER_REFUSED: Final = "caller refused"
"""The log line's message, which an alert looks for."""

EVERY: Final = 60.0
"""Seconds between two lines of one instance about the same caller and reason."""

MAX_CALLERS: Final = 50
"""Callers and reasons that have lines of their own; more of them share one line for each reason."""


class RefusedCallers:
    """Logs one line a minute for each caller and reason. `times` counts the refusals since the one before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[Reason, str, str], tuple[float, int]] = {}

    def note(self, reason: Reason, field: str = "", name: str = "") -> None:
        """Count a refusal. `field` is what the line calls the caller's `name`: never a credential itself."""
        at = self._clock()
        key = (reason, field, name)
        if key not in self._seen and len(self._seen) >= MAX_CALLERS:
            self._forget_before(at - EVERY)
            if len(self._seen) >= MAX_CALLERS:
                key = (reason, "", "")
        since, held_back = self._seen.get(key, (float("-inf"), 0))
        if at - since < EVERY:
            self._seen[key] = (since, held_back + 1)
            return
        self._seen[key] = (at, 0)
        _log(key, held_back + 1)

    def _forget_before(self, at: float) -> None:
        for key, (since, held_back) in list(self._seen.items()):
            if since <= at:
                del self._seen[key]
                if held_back:
                    _log(key, held_back)


def _log(key: tuple[Reason, str, str], times: int) -> None:
    reason, field, name = key
    named = {field: name} if field else {}
    logger.warning(CALLER_REFUSED, extra={"ids": {"reason": reason, **named, "times": times}})
