"""Members: who may sign in, and what their role allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["viewer", "marketer", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "marketer", "admin")
"""Each role may do all that those before it may: look; work; manage keys, members and erasure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who may sign in. `subject` is the account that signed in first; from then on only it may.

    `added_by` and `added_at` are None for members that an operator wrote into the database.
    """

    email: str
    role: Role
    subject: str | None = None
    added_by: str | None = None
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom an identity token or a session cookie names; their role is looked up, never carried along."""

    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a session, and the role that they have now."""

    email: str
    name: str
    role: Role


def normal_email(email: str) -> str:
    """The one spelling under which an address is kept and looked up."""
    return email.strip().lower()


def allows(role: Role, needed: Role) -> bool:
    """Whether a member of `role` may do what `needed` may."""
    return ROLES.index(role) >= ROLES.index(needed)
