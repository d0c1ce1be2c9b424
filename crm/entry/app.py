"""Creates the FastAPI app of a function, and the handler that serves it behind functions-framework."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.entry import logs, problems

logger = logging.getLogger(__name__)

MAX_BODY = 10 * 1024 * 1024
"""Bytes of the largest accepted body."""


def create_app(
    title: str, description: str = "", large: Mapping[str, int] | None = None, **options: Any
) -> FastAPI:
    """A FastAPI app that answers errors with problem+json and serves no documentation (see `crm.entry.docs`).

    `large` maps paths that accept bodies over MAX_BODY to their limit in bytes.
    """
    logs.configure()
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        **options,
    )
    problems.install(app)
    app.add_middleware(BodyLimit, large=large or {})
    return app


def serve(app: ASGIApp, project: str = "") -> Callable[[Request], Awaitable[ASGIApp]]:
    """The handler for `functions_framework.aio.http`. Log lines of a call carry its trace.

    It catches every exception: the framework would answer a second time if the app raised after it began.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        with logs.context(**logs.of_request(Headers(scope=scope), scope["path"], project)):
            try:
                await app(scope, receive, watch)
            except Exception:
                logger.exception("unhandled error on %s %s", scope.get("method"), scope.get("path"))
                if not begun:
                    detail = "Something went wrong on our side; the call is in our log."
                    await problems.problem(500, detail)(scope, receive, send)

    async def handler(_: Request) -> ASGIApp:
        return guarded

    return handler


class BodyLimit:
    """Answers 413 to a body over the limit, declared or not, before it is in memory."""

    def __init__(self, app: ASGIApp, large: Mapping[str, int]) -> None:
        self._app = app
        self._large = large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._large.get(scope["path"], MAX_BODY)
        detail = f"The body is larger than {limit // 2**20} MiB."
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await problems.problem(413, detail)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # FastAPI turns any other exception raised while it reads a body into a 400.
                raise HTTPException(413, detail)
            return message

        await self._app(scope, counted, send)
