"""Creates the FastAPI app of a function, and the handler that serves it behind functions-framework."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from crm.entry import framework, logs, problems
from crm.entry.headers import Outermost
from crm.entry.routing import GatedRoute
from crm.platform import tracing


class App(FastAPI):
    """An app all whose answers go through `crm.entry.headers.Outermost`, also when its middleware fails."""

    def build_middleware_stack(self) -> ASGIApp:
        return Outermost(super().build_middleware_stack())


def create_app(title: str, description: str = "", **options: Any) -> FastAPI:
    """An app that answers errors with problem+json, and asks its gate (`crm.entry.routing`) on every call.

    It serves no documentation, see `crm.entry.docs`.
    """
    logs.configure()
    framework.install()
    app = App(
        title=title,
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # a redirect repeats the path to whoever asks, before anybody is known
        **options,
    )
    app.router.route_class = GatedRoute
    problems.install(app)
    return app


def serve(app: ASGIApp) -> Callable[[Request], Awaitable[ASGIApp]]:
    """The handler for `functions_framework.aio.http`. What a call logs and publishes carries its trace."""

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        trace = tracing.of(Headers(scope=scope)) or tracing.new()
        with tracing.following(trace), logs.context(**logs.of_path(scope["path"])):
            await app(scope, receive, send)

    async def handler(_: Request) -> ASGIApp:
        return traced

    return handler
