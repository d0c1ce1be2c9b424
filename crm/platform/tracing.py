"""The trace that a call belongs to, as W3C Trace Context has it: https://www.w3.org/TR/trace-context/.

A trace comes with a call and goes on with the messages that the call publishes. No spans are made here: the
platform makes one for each sampled call, and lines of the log name it. Decision 51 says why.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass
from typing import Final

TRACEPARENT: Final = "traceparent"
"""Name of the header of calls, and of the attribute of messages."""

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_CLOUD_TRACE = re.compile(r"(?!0{32})([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([01]))?$")
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace, and the span in it that caused what happens now."""

    trace_id: str
    span_id: str
    """Empty if it is unknown."""
    is_sampled: bool

    @property
    def traceparent(self) -> str:
        """For whoever is called, or gets a message."""
        span = self.span_id or secrets.token_hex(8)
        return f"00-{self.trace_id}-{span}-{int(self.is_sampled):02x}"


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The trace of the call that is being handled."""
    return _current.get()


def is_sampled_in(context: Context) -> bool:
    """Whether the call with these context variables belongs to a sampled trace."""
    trace = context.get(_current)
    return trace is not None and trace.is_sampled


def follow(trace: Trace) -> None:
    """Belong to `trace` for the rest of the call."""
    _current.set(trace)


@contextmanager
def following(trace: Trace) -> Iterator[None]:
    """Belong to `trace` during the block."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def outgoing() -> dict[str, str]:
    """What goes with a message, or as headers with a call, so that it belongs to the same trace."""
    trace = current()
    return {TRACEPARENT: trace.traceparent} if trace else {}


def of(carrier: Mapping[str, str]) -> Trace | None:
    """The trace that came as headers of a call or as attributes of a message, if there is a valid one.

    Calls may also have Google's older header, whose span is a decimal number.
    """
    found = _TRACEPARENT.match(carrier.get(TRACEPARENT, ""))
    if found:
        return Trace(found[1], found[2], bool(int(found[3], 16) & _SAMPLED))
    found = _CLOUD_TRACE.match(carrier.get("x-cloud-trace-context", ""))
    if found:
        span = int(found[2] or 0)
        return Trace(found[1], f"{span:016x}" if 0 < span < 2**64 else "", found[3] == "1")
    return None


def new() -> Trace:
    """A trace that begins here, and is not sampled."""
    return Trace(secrets.token_hex(16), "", is_sampled=False)
