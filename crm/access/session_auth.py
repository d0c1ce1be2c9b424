"""Authentication by session cookie, authorisation by role, and protection against cross-site requests."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol
from urllib.parse import unquote

from starlette.requests import Request

from crm.access.members import ROLES, Member, Role, Session, SignedIn, allows
from crm.access.origins import Origin, agent_of, network_of
from crm.access.route_rules import RouteRule
from crm.entry.sources import source_of
from crm.kernel.errors import Conflict, Forbidden, Unauthenticated

COOKIE = "__session"
"""The only cookie that Firebase Hosting forwards to a function."""

WRITE_HEADER, WRITE_VALUE = "X-Requested-With", "crm"
"""Required for writes. Pages of other sites can set it only after a CORS preflight, which we deny."""

MEMBER_HEADER = "X-Member"
"""The address of the member whom a page shows as signed in, percent-encoded. Another tab of the browser may
have changed the session since."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

MAX_REMEMBERED = 10_000
"""Ended sessions that an instance remembers; the oldest is forgotten first, and costs a read again."""


class RoleTooLow(Forbidden):
    """A member may not do this."""

    def __init__(self, person: SignedIn, needed: Role) -> None:
        self.person = person
        super().__init__(f"This needs the role {needed}; yours is {person.role}. Ask an administrator.")


class SessionReader(Protocol):
    """Verifies session cookies."""

    def verify(self, cookie: str) -> Session:
        """The session that a cookie names. Raises Unauthenticated."""


class MemberLookup(Protocol):
    """Looks up members."""

    async def find_cached(self, email: str) -> Member | None:
        """The member of this address, as of some seconds ago. Raises Unavailable."""

    async def find(self, email: str) -> Member | None:
        """The member of this address, as of now. Raises Unavailable."""


def caller_of(request: Request, trusted_hops: int) -> SignedIn:
    """Whom the gate let in, with where the call comes from."""
    person: SignedIn = request.state.caller
    return replace(person, origin=origin_of(request, trusted_hops))


def origin_of(request: Request, trusted_hops: int) -> Origin:
    """Where the call comes from, as the audit log keeps it."""
    return Origin(
        network=network_of(source_of(request, trusted_hops)),
        agent=agent_of(request.headers.get("user-agent", "")),
    )


class SessionAuth:
    """Authenticates requests. The role is looked up for each one."""

    def __init__(
        self, sessions: SessionReader, members: Callable[[], MemberLookup], origins: Sequence[str]
    ) -> None:
        """`members` is called with each request, so that importing a function makes no client. `origins` are
        the web app's own."""
        self._sessions = sessions
        self._members = members
        self._origins = frozenset(origins)
        self._ended: dict[str, None] = {}

    async def __call__(
        self, request: Request, rule: RouteRule, _: Callable[[], None] = lambda: None
    ) -> SignedIn | None:
        """The caller; None for a visitor, who needs no session.

        Raises Unauthenticated without a session, RoleTooLow below the role that the rule needs, Forbidden
        for a write that another site may have caused, Conflict for one of a page that shows somebody else.
        """
        needed = next((role for role in ROLES if role == rule.needs), None)
        person = None if needed is None else await self.authenticate(request)
        if request.method not in SAFE_METHODS:
            self._require_our_page(request)
            if person is not None:
                _require_member(request, person.session.email)
        if person is not None and needed is not None and not allows(person.role, needed):
            raise RoleTooLow(person, needed)
        return person

    async def authenticate(self, request: Request) -> SignedIn:
        """The caller. Raises Unauthenticated without a valid session of a present member."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise Unauthenticated("Sign in first.")
        session = self._sessions.verify(cookie)
        return SignedIn(session=session, role=(await self._member_of(session)).role)

    async def _member_of(self, session: Session) -> Member:
        """The member whose session it is. Raises Unauthenticated for a session that was ended.

        A session that the cached member does not hold may have begun since, elsewhere, so the member is read
        again: once for each session, since one that does not hold never holds again.
        """
        if session.id not in self._ended:
            members = self._members()
            for find in (members.find_cached, members.find):
                member = await find(session.email)
                if member is not None and member.holds(session):
                    return member
            if len(self._ended) >= MAX_REMEMBERED:
                del self._ended[next(iter(self._ended))]
            self._ended[session.id] = None
        raise Unauthenticated(
            "Your session has ended: you signed out, or your membership changed. Sign in again."
        )

    def _require_our_page(self, request: Request) -> None:
        """Raise Forbidden for a write that a page of another site could have sent.

        Browsers name the origin of every write; programs of a signed-in person name none.
        """
        if request.headers.get(WRITE_HEADER) != WRITE_VALUE:
            raise Forbidden(f"A write needs the header {WRITE_HEADER}: {WRITE_VALUE}.")
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise Forbidden("Writes are not allowed from this origin.")


def _require_member(request: Request, email: str) -> None:
    """Raise Conflict where the page that writes shows somebody else than the member with this address."""
    named = request.headers.get(MEMBER_HEADER)
    if named is not None and unquote(named) != email:
        raise Conflict(
            f"Nothing was changed: {email} has signed in in this browser since. Reload the page to go on."
        )
