"""Authentication by session cookie, authorisation by role, and protection against cross-site requests."""

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request

from crm.access.members import ROLES, Member, Person, SignedIn, allows
from crm.access.route_rules import RouteRule
from crm.kernel.errors import Forbidden, Unauthenticated

COOKIE = "__session"
"""The only cookie that Firebase Hosting forwards to a function."""

WRITE_HEADER = "X-Requested-With"
"""Required for writes. Pages of other sites can set it only after a CORS preflight, which we deny."""

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

    def __init__(self, sessions: SessionReader, members: MemberLookup, origins: Sequence[str]) -> None:
        """`origins` are the web app's own."""
        self._sessions = sessions
        self._members = members
        self._origins = frozenset(origins)

    async def __call__(self, request: Request, rule: RouteRule) -> SignedIn | None:
        """The caller; None for a visitor, who needs no session.

        Raises Unauthenticated without a session, Forbidden below the role that the rule needs, and for a
        write that another site may have caused.
        """
        needed = next((role for role in ROLES if role == rule.needs), None)
        person = None if needed is None else await self.authenticate(request)
        if request.method not in SAFE_METHODS:
            self._require_our_page(request)
        if person is not None and needed is not None and not allows(person.role, needed):
            raise Forbidden(f"This needs the role {needed}; yours is {person.role}. Ask an administrator.")
        return person

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

    def _require_our_page(self, request: Request) -> None:
        """Raise Forbidden for a write that a page of another site could have sent.

        Browsers name the origin of every write; programs of a signed-in person name none.
        """
        if not request.headers.get(WRITE_HEADER):
            raise Forbidden(f"A write needs the header {WRITE_HEADER}: crm.")
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise Forbidden("Writes are not allowed from this origin.")
