"""The headers of every answer, and the last word on errors that nothing else answered."""

import logging
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.entry.problems import unexpected

logger = logging.getLogger(__name__)

SECURITY: Final[Mapping[str, str]] = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer of a function, unless the answer has its own value. Without `no-store` a CDN would
also cache 404s."""


_SAID: Final = "crm.headers"


def say(scope: Scope, headers: Mapping[str, str]) -> None:
    """Send `headers` with the answer to this call, whatever answers it."""
    scope.get("state", {}).setdefault(_SAID, {}).update(headers)


class Outermost:
    """Adds SECURITY, and what `say` was given, to every answer; answers exceptions, and logs each once.

    An answer that goes out before the whole body came also closes the connection: nobody reads the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        is_whole = not has_body(scope)
        begun = False

        async def watched_receive() -> Message:
            nonlocal is_whole
            message = await receive()
            is_whole = is_whole or not message.get("more_body", False)
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                headers.update(state.get(_SAID, {}))
                if not is_whole:
                    headers["Connection"] = "close"
            await send(message)

        try:
            await self._app(scope, watched_receive, send_with_headers)
        except Exception:
            # Not raised further: the framework would answer a second time, in plain text.
            logger.exception("unhandled error on %s %s", scope["method"], scope["path"])
            if not begun:
                await unexpected()(scope, receive, send_with_headers)


def has_body(scope: Scope) -> bool:
    """Whether the headers of a request announce a body."""
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0").strip(b"0") != b""
