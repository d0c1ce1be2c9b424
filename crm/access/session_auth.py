"""Authentication by session cookie, authorisation by role, and protection against cross-site requests.

A function installs one `SessionAuth`; its routes depend on `signed_in("marketer")`.
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
"""The only cookie that Firebase Hosting forwards to a function."""

WRITE_HEADER = "X-Requested-With"
"""Required for writes. Pages of other sites can set it only after a CORS preflight, which we deny."""

# For the OpenAPI document: `SessionAuth` reads the cookie itself.
_cookie = APIKeyCookie(
    name=COOKIE, scheme_name="Session", description="Set by POST /api/v1/session.", auto_error=False
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SessionReader(Protocol):
    """Verifies session cookies."""

    def verify(self, cookie: str) -> Person:
        """The person that a cookie names. Raises Unauthenticated."""


class MemberLookup(Protocol):
    """Looks up members."""

    async def find_cached(self, email: str) -> Member | None:
        """The member of this address, as of some seconds ago. Raises Unavailable."""


class SessionAuth:
    """Authenticates requests. The role is looked up for each one."""

    def __init__(self, sessions: SessionReader, members: MemberLookup) -> None:
        self._sessions = sessions
        self._members = members

    async def authenticate(self, request: Request) -> SignedIn:
        """The caller. Raises Unauthenticated without a valid session of a present member."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise Unauthenticated("Sign in first.")
        person = self._sessions.verify(cookie)
        member = await self._members.find_cached(person.email)
        if member is None:
            raise Unauthenticated("You are no longer a member here. Ask an administrator.")
        return SignedIn(email=person.email, name=person.name, role=member.role)


def install(app: FastAPI, auth: SessionAuth) -> None:
    """Make `signed_in` of this app use `auth`, and forbid caching of every response."""
    app.state.session_auth = auth
    app.add_middleware(NoStore)


@cache
def signed_in(role: Role = "viewer") -> Callable[..., Awaitable[SignedIn]]:
    """A dependency that returns the caller.

    Raises Unauthenticated without a session, Forbidden below `role` and for a write without WRITE_HEADER.
    """

    async def dependency(request: Request, _: Annotated[str | None, Depends(_cookie)]) -> SignedIn:
        require_header(request)
        auth: SessionAuth = request.app.state.session_auth
        person = await auth.authenticate(request)
        if not allows(person.role, role):
            raise Forbidden(f"This needs the role {role}; yours is {person.role}. Ask an administrator.")
        return person

    return dependency


def require_header(request: Request) -> None:
    """Raise Forbidden for a write without WRITE_HEADER, which a page of another site could have sent."""
    if request.method not in SAFE_METHODS and not request.headers.get(WRITE_HEADER):
        raise Forbidden(f"A write needs the header {WRITE_HEADER}: crm.")


class NoStore:
    """Adds `Cache-Control: private, no-store` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_no_store(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "private, no-store"
            await send(message)

        await self._app(scope, receive, send_no_store)
