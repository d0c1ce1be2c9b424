"""Ctrl-C, SIGTERM and a closed terminal as one exception, raised once."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


T = TypeVar("T")


class StopRequested(BaseException):
    """The stack was asked to end. Not an error, so `except Exception` lets it pass."""


def raise_on_request() -> None:
    """From now on the first request to stop raises StopRequested in the main thread."""
    for number in _handled_signals():
        signal.signal(number, _stop)


def run_until_request(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. Raises StopRequested if a stop is requested: once the work was cancelled and
    has come to its end in good order, for an exception out of nowhere would tear its loop apart."""
    is_asked = False

    async def working() -> T:
        task = asyncio.ensure_future(work)

        def stop() -> None:
            nonlocal is_asked
            is_asked = True
            task.cancel()

        loop = asyncio.get_running_loop()
        for number in handled:
            loop.add_signal_handler(number, stop)
        return await task

    handled = _handled_signals()
    try:
        return asyncio.run(working())
    except asyncio.CancelledError:
        if is_asked:
            raise StopRequested from None
        raise
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_IGN if is_asked else _stop)


def _handled_signals() -> list[signal.Signals]:
    """Those that mean a request: nohup ignores SIGHUP, and means it."""
    return [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def ignore() -> None:
    """From now on requests to stop are ignored: stopping has begun and is to be finished."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    ignore()
    raise StopRequested
