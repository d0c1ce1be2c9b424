"""Ctrl-C, SIGTERM and a closed terminal as one exception, raised once."""

import signal
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody wants the stack to end. No error, so `except Exception` lets it pass."""


def raise_on_request() -> None:
    """From now on the first request to stop raises StopRequested in the main thread."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP, and means it
            signal.signal(number, _stop)


def ignore() -> None:
    """From now on requests to stop are ignored: stopping has begun and is to be finished."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    ignore()
    raise StopRequested
