"""Bounds the head of a request: bytes, headers and time, before any app sees it.

httptools, with which uvicorn parses, has no bounds, and its time grows with the square of a header's size.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crm.entry.headers import SECURITY
from crm.entry.problems import problem

MAX_HEAD: Final = 64 * 1024
"""Bytes of the address and the headers of one request, trailers included."""

MAX_HEADERS: Final = 100
"""Headers of one request, trailers included."""

HEAD_SECONDS: Final = 10.0
"""From a connection, or the first byte of a later request, to the end of the headers."""

MAX_UNFINISHED: Final = 8 * 2**20
"""Bytes of unfinished heads that one process holds, over all connections."""


class UnfinishedHeads:
    """Bounds what is held of heads that are still being received. Too many cost the oldest its connection.

    Genuine heads arrive within moments, so senders who are slow on purpose are the first to lose.
    """

    def __init__(self, limit: int) -> None:
        """`limit` in bytes."""
        self._limit = limit
        self._total = 0
        self._sizes: dict[BoundedHttp, int] = {}

    def hold(self, connection: "BoundedHttp", size: int) -> None:
        """So many bytes are held of what this connection sends; 0 for none."""
        self._total += size - self._sizes.get(connection, 0)
        if size:
            self._sizes[connection] = size
        else:
            self._sizes.pop(connection, None)
        while self._total > self._limit:
            oldest = next(iter(self._sizes))
            self._total -= self._sizes.pop(oldest)
            oldest.give_way()


class BoundedHttp(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, within bounds. Never leaves HTTP/1.1: a wish to upgrade is ignored."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._refusal = (400, "This is not a valid HTTP request.")
        self._expects_head = True
        self._deadline: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._since_progress = 0
        """Bytes since the last one of which the parser said something."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        _UNFINISHED.hold(self, 0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._expects_head and self._deadline is None:
            self._start_deadline()
        self._since_progress += len(data)
        super().data_received(data)
        # Parts of a header that has no end yet, chunk extensions, and blank lines before a request.
        if self.transport.is_closing():
            return
        if self._since_progress > MAX_HEAD:
            self._refuse(*_TOO_LARGE)
        else:
            _UNFINISHED.hold(self, self._since_progress)

    def give_way(self) -> None:
        """Close, because others need the room of an unfinished head."""
        if not self.transport.is_closing():
            self._refuse(503, "Too many requests are being received.")

    def on_message_begin(self) -> None:
        self._expects_head = True
        self._head_size = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._fail(431, f"The request has more than {MAX_HEADERS} headers.")

    def on_headers_complete(self) -> None:
        self._expects_head = False
        self._since_progress = 0
        self._end_deadline()
        is_upgrade = self.parser.should_upgrade()
        if is_upgrade and _declares_body(self.headers):
            # The parser takes what follows for another protocol's, and would lose it.
            self._fail(400, "The protocol cannot be changed by a request with a body.")
        super().on_headers_complete()
        if is_upgrade:
            self.cycle.keep_alive = False

    def on_chunk_header(self) -> None:
        """Called by the parser before each part of a body without a declared length."""
        self._since_progress = 0

    def on_body(self, body: bytes) -> None:
        self._since_progress = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._expects_head = True
        self._since_progress = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refuses, or a method above. `msg` is uvicorn's sentence."""
        self._refuse(*self._refusal)

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: anybody can cause it."""

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            self._fail(*_TOO_LARGE)

    def _fail(self, status: int, detail: str) -> None:
        """End the parsing from within one of its callbacks; `send_400_response` then answers this."""
        self._refusal = (status, detail)
        raise _RefusedError

    def _refuse(self, status: int, detail: str) -> None:
        """Answer with a problem and close."""
        self._end_deadline()
        if not self._is_answering():  # a second answer would land within the first
            answer = problem(status, detail, headers={**SECURITY, "Connection": "close"})
            headers = [*self.server_state.default_headers, *answer.raw_headers]
            lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
            lines += [name + b": " + value for name, value in headers]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._end_slow_head)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end_slow_head(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self._is_answering():
            self.cycle.keep_alive = False
        elif self._since_progress:
            self._refuse(408, "The headers came too slowly.")
        else:
            self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete


class _RefusedError(Exception):
    """Ends the parsing."""


_UNFINISHED: Final = UnfinishedHeads(MAX_UNFINISHED)

_TOO_LARGE: Final = (431, f"The headers are larger than {MAX_HEAD // 1024} KiB.")


def _declares_body(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 ") != b"")
        for name, value in headers
    )
