"""Members: who may sign in, what their role allows, and which sessions of theirs still hold."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from crm.access.origins import NOWHERE, Origin

Role = Literal["viewer", "marketer", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "marketer", "admin")
"""In ascending order: each role includes the ones before it. Admins manage keys, members and erasure."""

_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as its cookie names it."""

    id: str
    """Random."""
    email: str
    name: str
    subject: str
    """The account's, which signed in."""
    version: str
    """The membership's, when the session began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who may sign in."""

    email: str
    role: Role
    subject: str | None = None
    """The account that signed in first, which is the only one that may sign in from then on."""
    version: str = ""
    """Random, and another one after each change that ends all sessions. Empty until the first sign-in for
    members that an operator wrote into the database."""
    ended_sessions: Mapping[str, datetime] = field(default_factory=dict)
    """Ids of sessions of this version that were signed out, and until when they would have lasted."""
    added_by: str | None = None
    """An e-mail address. None, as `added_at`, for members that an operator wrote into the database."""
    added_at: datetime | None = None

    @property
    def id(self) -> str:
        """The opaque id by which routes name the member."""
        return member_id(self.email)

    def holds(self, session: Session) -> bool:
        """Whether the session is one of this membership and account, and was not ended.

        A session that does not hold never holds again: versions and session ids are random.
        """
        return (
            bool(self.version)
            and (self.subject, self.version) == (session.subject, session.version)
            and session.id not in self.ended_sessions
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a session, their present role, and where they call from."""

    session: Session
    role: Role
    origin: Origin = NOWHERE

    @property
    def email(self) -> str:
        """The person's address, in its normal spelling."""
        return self.session.email

    @property
    def name(self) -> str:
        """The person's name; the address of those without one."""
        return self.session.name


def normal_email(email: str) -> str:
    """The spelling under which an address is stored, looked up and compared: NFKC, case folded.

    It makes look-alikes equal, so check addresses of people with `address_fault` before.
    """
    return unicodedata.normalize("NFKC", email).casefold().strip()


def address_fault(email: str) -> str | None:
    """What keeps an address from being one of a Google account, as the end of a sentence; None if nothing.

    Those are ASCII. Letters such as `ſ` or the Kelvin sign become ASCII letters when case is folded, so an
    account with such an address could be taken for the one that it looks like.
    """
    strange = next((character for character in email if not character.isascii()), None)
    if strange is not None:
        name = unicodedata.name(strange, "a character without a name")
        return f"holds {name}, which no address of a Google account does"
    return None if _ADDRESS.fullmatch(email) else "is not an e-mail address"


def member_id(email: str) -> str:
    """The id of the member of an address: 64 hex digits."""
    return hashlib.sha256(normal_email(email).encode()).hexdigest()


def allows(role: Role, needed: Role) -> bool:
    """Whether `role` includes `needed`."""
    return ROLES.index(role) >= ROLES.index(needed)
