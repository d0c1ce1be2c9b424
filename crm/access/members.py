"""Members: who may sign in, and what their role allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["viewer", "marketer", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "marketer", "admin")
"""In ascending order: each role includes the ones before it. Admins manage keys, members and erasure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who may sign in."""

    email: str
    role: Role
    subject: str | None = None
    """The account that signed in first, which is the only one that may sign in from then on."""
    added_by: str | None = None
    """An e-mail address. None, as `added_at`, for members that an operator wrote into the database."""
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person named by an identity token or a session cookie. The role is looked up on every request."""

    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a session, and their present role."""

    email: str
    name: str
    role: Role


def normal_email(email: str) -> str:
    """The spelling under which an address is stored and looked up."""
    return email.strip().lower()


def allows(role: Role, needed: Role) -> bool:
    """Whether `role` includes `needed`."""
    return ROLES.index(role) >= ROLES.index(needed)
