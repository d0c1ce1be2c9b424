"""Routes that ask a gate before they read anything: who may call, and how much they may send."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from crm.kernel.errors import Forbidden, Unauthenticated


class Gate(Protocol):
    """Decides on every call of an app."""

    async def admit(self, request: Request, route: APIRoute) -> Request:
        """The request to hand to the route, its body bounded. Raises what the caller is answered."""

    def room(self, route: APIRoute) -> AbstractAsyncContextManager[None]:
        """Hold room for an admitted call's body during the block. Raises Unavailable if there is none."""

    def note_refusal(self, request: Request, route: APIRoute) -> None:
        """Hear that the route itself refused an admitted caller."""

    def describe(self, document: dict[str, Any]) -> None:
        """Write into an OpenAPI document what each operation needs."""


class GatedRoute(APIRoute):
    """Asks the app's gate before FastAPI reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def gated(request: Request) -> Response:
            gate = gate_of(request.app)
            admitted = await gate.admit(request, self)
            try:
                async with gate.room(self):
                    return await handle(admitted)
            except (Unauthenticated, Forbidden):
                gate.note_refusal(admitted, self)
                raise

        return gated


class Router(APIRouter):
    """A router whose routes are gated."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=GatedRoute, **options)


def set_gate(app: FastAPI, gate: Gate) -> None:
    """Let `gate` decide on every call of `app`."""
    app.state.gate = gate


def gate_of(app: FastAPI) -> Gate:
    """The app's gate. Raises AttributeError where none was set: no call passes without one."""
    gate: Gate = app.state.gate
    return gate
