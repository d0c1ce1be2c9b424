"""Who is calling: the session cookie, the member's role, and the header that keeps other sites out.

A function installs one `Gate`; its routes ask for `Depends(signed_in("marketer"))`.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Protocol

from fastapi import Depends, FastAPI
from fastapi.security import APIKeyCookie
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.access.members import Member, Person, Role, SignedIn, allows
from crm.kernel.errors import Forbidden, Unauthenticated

COOKIE = "__session"
"""The only cookie that Firebase Hosting lets through to a function."""

WRITE_HEADER = "X-Requested-With"
"""Another site's page cannot set it without asking first, and we never answer that question."""

# For the documentation: the gate reads the cookie itself.
_cookie = APIKeyCookie(
    name=COOKIE, scheme_name="Session", description="Set by POST /api/v1/session.", auto_error=False
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SessionReader(Protocol):
    """Tells whom a session cookie names."""

    def read(self, cookie: str) -> Person:
        """Raises Unauthenticated for a cookie that does not hold."""


class MemberLookup(Protocol):
    """Tells who is a member now, or was some seconds ago."""

    async def get(self, email: str) -> Member | None:
        """The member of this address."""


class Gate:
    """WorkQueue a request into the person behind it. The role is looked up again for each request."""

    def __init__(self, sessions: SessionReader, members: MemberLookup) -> None:
        self._sessions = sessions
        self._members = members

    async def person(self, request: Request) -> SignedIn:
        """Who is calling. Raises Unauthenticated without a session of somebody who is a member still."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise Unauthenticated("Sign in first.")
        person = self._sessions.read(cookie)
        member = await self._members.get(person.email)
        if member is None:
            raise Unauthenticated("You are no longer a member here. Ask an administrator.")
        return SignedIn(email=person.email, name=person.name, role=member.role)


def install(app: FastAPI, gate: Gate) -> None:
    """Let `signed_in` of this app ask `gate`, and keep every answer out of shared caches."""
    app.state.gate = gate
    app.add_middleware(NoStore)


@cache
def signed_in(role: Role = "viewer") -> Callable[..., Awaitable[SignedIn]]:
    """A dependency: who is calling, if they have at least `role`.

    Raises Unauthenticated without a session, and Forbidden for a lesser role or a write without WRITE_HEADER.
    """

    async def dependency(request: Request, _: Annotated[str | None, Depends(_cookie)]) -> SignedIn:
        require_header(request)
        gate: Gate = request.app.state.gate
        person = await gate.person(request)
        if not allows(person.role, role):
            raise Forbidden(f"This needs the role {role}; yours is {person.role}. Ask an administrator.")
        return person

    return dependency


def require_header(request: Request) -> None:
    """Refuse a write that another site's page could have sent. Raises Forbidden."""
    if request.method not in SAFE_METHODS and not request.headers.get(WRITE_HEADER):
        raise Forbidden(f"A write needs the header {WRITE_HEADER}: crm.")


class NoStore:
    """Marks every answer as private and not to be stored, whatever route gave it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "private, no-store"
            await send(message)

        await self._app(scope, receive, marked)
