"""Bounds what a caller may send: bytes and time, before anything of it is parsed."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from crm.kernel.errors import Unavailable

FIRST_SECONDS: Final = 10.0
"""How long a body of any size may take."""

LEAST_RATE: Final = 64 * 1024
"""Bytes a second that give a body more time than FIRST_SECONDS."""

MAX_VALUES: Final = 60_000
"""About how many values the JSON of a body may hold: rules with several lists of 10,000 ids have fewer."""


class BoundedRequest(Request):
    """A request whose JSON is parsed only if it holds at most MAX_VALUES values.

    A list of a million small lists takes seconds of the interpreter, and a hundred times its size.
    """

    async def json(self) -> Any:
        """The parsed body. Raises HTTPException 422."""
        body = await self.body()
        if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
            raise HTTPException(422, f"The body holds more than {MAX_VALUES:,} values.")
        return await super().json()


def _uncounted(_: int) -> None:
    """Counts nothing."""


class UnprovenBytes:
    """Bounds what is held of bodies whose sender is not proven yet, over all concurrent calls."""

    def __init__(self, limit: int) -> None:
        """`limit` in bytes."""
        self._limit = limit
        self._held = 0

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """Counts the bytes of one body until the end of the block. Raises Unavailable for too many."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self._held + size > self._limit:
                raise Unavailable("Too many bodies of unproven senders are being read.", retry_after=1)
            self._held += size
            taken += size

        try:
            yield take
        finally:
            self._held -= taken


class LimitedBody:
    """Receives the body of one request and ends it with 413 or 408 where it is too large or too slow.

    HTTPException, because FastAPI turns any other exception raised while it reads a body into a 400.
    """

    def __init__(
        self,
        request: Request,
        limit: int,
        count: Callable[[int], None] = _uncounted,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limit` in bytes; `count` hears of every part."""
        self._receive = request.receive
        self._limit = limit
        self._count = count
        self._clock = clock
        self._since = clock()
        self._seen = 0
        self._is_whole = False
        declared = request.headers.get("content-length", "")
        self._declared = int(declared[:20]) if declared.isdecimal() else 0

    async def __call__(self) -> Message:
        """The next part of the body; what follows it, such as the caller leaving, without a bound."""
        if self._is_whole:
            return await self._receive()
        if self._declared > self._limit:
            raise self._too_large()
        remaining = self._remaining()
        try:
            async with asyncio.timeout(remaining):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        if remaining <= 0:  # parts that are there already come without a wait, which would time out
            raise _too_slow()
        size = len(message.get("body", b""))
        self._seen += size
        if self._seen > self._limit:
            raise self._too_large()
        self._is_whole = not message.get("more_body", False)
        self._count(size)
        return message

    def _remaining(self) -> float:
        """Seconds until the body is too slow."""
        allowed = FIRST_SECONDS + self._seen / LEAST_RATE
        return self._since + allowed - self._clock()

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body is larger than {_in_words(self._limit)}.")


def _too_slow() -> HTTPException:
    return HTTPException(408, "The body came too slowly.")


def _in_words(size: int) -> str:
    """`size` in bytes, as 16 KiB or 10 MiB."""
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 2**10} KiB"
