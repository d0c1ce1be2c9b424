"""Bounds what a caller may send: bytes and time, before anything of it is parsed."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from crm.entry.headers import has_body
from crm.kernel.errors import Unavailable
from crm.kernel.raw_json import values_in

FIRST_SECONDS: Final = 10.0
"""How long a body of any size may take."""

LEAST_RATE: Final = 64 * 1024
"""Bytes a second that give a body more time than FIRST_SECONDS."""

MAX_BODY_VALUES: Final = 60_000
"""About how many values the JSON of a body may hold: rules with several lists of 10,000 ids have fewer."""


class BoundedRequest(Request):
    """A request whose JSON is parsed only if it holds at most MAX_BODY_VALUES values.

    A list of a million small lists takes seconds of the interpreter, and a hundred times its size.
    """

    async def json(self) -> Any:
        """The parsed body. Raises HTTPException 422."""
        body = await self.body()
        if values_in(body) > MAX_BODY_VALUES:
            raise HTTPException(422, f"The body holds more than {MAX_BODY_VALUES:,} values.")
        return await super().json()


class UnprovenBytes:
    """Bounds what is held of bodies whose sender is not proven yet, over all concurrent calls.

    A body that finds no room takes that of the oldest ones which are still being received. Genuine bodies
    arrive within moments, so senders who are slow on purpose are the first to lose their room.
    """

    def __init__(self, limit: int) -> None:
        """`limit` in bytes."""
        self._limit = limit
        self._shares: dict[Share, None] = {}

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """The share of one body, until the end of the block."""
        share = Share(self)
        self._shares[share] = None
        try:
            yield share
        finally:
            del self._shares[share]

    def make_room(self, size: int, wanting: "Share") -> None:
        """Cut off older bodies until `size` more bytes fit. Raises Unavailable if they do not."""
        excess = sum(share.held for share in self._shares) + size - self._limit
        for share in self._shares:
            if excess > 0 and share is not wanting:
                excess -= share.cut_off()
        if excess > 0:
            raise _no_room()


class Share:
    """What is held of one body whose sender is not proven yet."""

    def __init__(self, of: UnprovenBytes) -> None:
        self._of = of
        self.held = 0
        """Bytes."""
        self._receiving: asyncio.Timeout | None = None
        self._is_cut_off = False

    def take(self, size: int) -> None:
        """Hold `size` more bytes. Raises Unavailable if there is no room, or the body was cut off."""
        self.require_room()
        self._of.make_room(size, self)
        self.held += size

    def require_room(self) -> None:
        """Raise Unavailable if the body was cut off."""
        if self._is_cut_off:
            raise _no_room()

    @contextmanager
    def receiving(self, deadline: asyncio.Timeout) -> Iterator[None]:
        """Let `cut_off` end the block by its deadline."""
        self._receiving = deadline
        try:
            yield
        finally:
            self._receiving = None

    def cut_off(self) -> int:
        """End the reception of this body, if it is still being received; the bytes that are freed."""
        if self._receiving is None:
            return 0
        self._is_cut_off = True
        self._receiving.reschedule(asyncio.get_running_loop().time())
        freed, self.held = self.held, 0
        return freed


def _no_room() -> Unavailable:
    return Unavailable("Too many bodies of unproven senders are being read.", retry_after=1)


class LimitedBody:
    """Receives the body of one request and ends it with 413 or 408 where it is too large or too slow.

    One that is compressed, or encoded otherwise, is refused with 415: its size would say nothing.

    HTTPException, because FastAPI turns any other exception raised while it reads a body into a 400.
    """

    def __init__(
        self,
        request: Request,
        limit: int,
        unproven: Share | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limit` in bytes; `unproven` is the body's share, if its sender is not proven yet."""
        self._receive = request.receive
        self._limit = limit
        self._unproven = unproven
        self._clock = clock
        self._since = clock()
        self._seen = 0
        self._is_whole = False
        self._is_encoded = has_body(request.scope) and _is_encoded(request)
        declared = request.headers.get("content-length", "")
        self._declared = int(declared[:20]) if declared.isdecimal() else 0

    async def __call__(self) -> Message:
        """The next part of the body; what follows it, such as the caller leaving, without a bound."""
        if self._is_whole:
            return await self._receive()
        if self._is_encoded:
            raise HTTPException(
                415,
                "Encoded bodies are not taken: send it without Content-Encoding.",
                headers={"Accept-Encoding": "identity"},
            )
        if self._declared > self._limit:
            raise self._too_large()
        remaining = self._remaining()
        try:
            async with asyncio.timeout(remaining) as deadline:
                with nullcontext() if self._unproven is None else self._unproven.receiving(deadline):
                    message = await self._receive()
        except TimeoutError:
            if self._unproven is not None:
                self._unproven.require_room()
            raise _too_slow() from None
        if remaining <= 0:  # parts that are there already come without a wait, which would time out
            raise _too_slow()
        size = len(message.get("body", b""))
        self._seen += size
        if self._seen > self._limit:
            raise self._too_large()
        self._is_whole = not message.get("more_body", False)
        if self._unproven is not None:
            self._unproven.take(size)
        return message

    def _remaining(self) -> float:
        """Seconds until the body is too slow. That of an unproven sender earns no time by its size."""
        earned = 0.0 if self._unproven is not None else self._seen / LEAST_RATE
        allowed = FIRST_SECONDS + earned
        return self._since + allowed - self._clock()

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body is larger than {_in_words(self._limit)}.")


def _is_encoded(request: Request) -> bool:
    encodings = ",".join(request.headers.getlist("content-encoding")).split(",")
    return any(each.strip().lower() not in ("", "identity") for each in encodings)


def _too_slow() -> HTTPException:
    return HTTPException(408, "The body came too slowly.")


def _in_words(size: int) -> str:
    """`size` in bytes, as 16 KiB or 10 MiB."""
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 2**10} KiB"
