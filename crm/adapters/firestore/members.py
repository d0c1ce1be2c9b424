"""Members in Firestore, named by the hash of their e-mail. An operator may write e-mail and role alone."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, AsyncTransaction, FieldFilter, async_transactional

from crm.adapters.google_errors import TIMEOUT, translated
from crm.domain import errors
from crm.domain.members import Member, normal_email

COLLECTION = "members"

KEEP = 30.0
"""Seconds that a member's role is kept in memory: how long a removal may take to be felt elsewhere."""


class Members:
    """The members of one project."""

    def __init__(self, client: AsyncClient, keep: float = KEEP) -> None:
        self._client = client
        self._keep = keep
        self._kept: dict[str, tuple[float, Member]] = {}

    async def get(self, email: str) -> Member | None:
        """The member as of at most KEEP seconds ago."""
        email = normal_email(email)
        until, member = self._kept.get(email, (0.0, None))
        if member is not None and time.monotonic() < until:
            return member
        return await self.read(email)

    async def read(self, email: str) -> Member | None:
        """The member as of now."""
        email = normal_email(email)
        async with translated("The database"):
            found = await self._document(email).get(timeout=TIMEOUT)
        if not found.exists:
            self._kept.pop(email, None)
            return None
        member = decode(found.to_dict() or {})
        self._kept[email] = (time.monotonic() + self._keep, member)
        return member

    async def bind(self, member: Member, subject: str) -> Member:
        """Tie the member to the account that signed in first. Raises Conflict where another was faster."""
        reference = self._document(member.email)
        async with translated("The database"):
            found = await reference.get(timeout=TIMEOUT)
            known = (found.to_dict() or {}).get("subject")
            if not found.exists or known not in (None, subject):
                raise errors.Conflict("This membership has just changed. Try again.")
            try:
                option = self._client.write_option(last_update_time=found.update_time)
                await reference.update({"subject": subject}, option=option, timeout=TIMEOUT)
            except (FailedPrecondition, NotFound) as error:
                raise errors.Conflict("This membership has just changed. Try again.") from error
        return replace(member, subject=subject)

    async def all(self) -> list[Member]:
        """Every member, by e-mail."""
        async with translated("The database"):
            found = await self._client.collection(COLLECTION).order_by("email").get(timeout=TIMEOUT)
        return [decode(document.to_dict() or {}) for document in found]

    async def add(self, member: Member) -> Member:
        """A new member. Raises Conflict where the address is one already."""
        member = replace(member, email=normal_email(member.email))
        async with translated("The database"):
            try:
                await self._document(member.email).create(encode(member), timeout=TIMEOUT)
            except AlreadyExists as error:
                raise errors.Conflict(f"{member.email} is a member already.") from error
        return member

    async def remove(self, email: str) -> None:
        """End a membership; of nobody is fine. Raises Conflict for the last administrator."""
        email = normal_email(email)
        transaction = self._client.transaction()
        async with translated("The database"):
            await _remove(transaction, self._client, self._document(email), email)
        self._kept.pop(email, None)

    def _document(self, email: str) -> Any:
        return self._client.collection(COLLECTION).document(name_of(email))


def name_of(email: str) -> str:
    """The document's name for an address."""
    return hashlib.sha256(normal_email(email).encode()).hexdigest()


def encode(member: Member) -> dict[str, Any]:
    """The document of a member."""
    return {
        "email": member.email,
        "role": member.role,
        "subject": member.subject,
        "added_by": member.added_by,
        "added_at": member.added_at,
    }


def decode(fields: Mapping[str, Any]) -> Member:
    """The member of a document."""
    return Member(
        email=normal_email(fields["email"]),
        role=fields["role"],
        subject=fields.get("subject"),
        added_by=fields.get("added_by"),
        added_at=fields.get("added_at"),
    )


@async_transactional
async def _remove(transaction: AsyncTransaction, client: AsyncClient, document: Any, email: str) -> None:
    """In one transaction, so that two administrators cannot remove each other and leave nobody."""
    query = client.collection(COLLECTION).where(filter=FieldFilter("role", "==", "admin")).limit(2)
    admins = [cast(str, admin.get("email")) async for admin in query.stream(transaction=transaction)]
    if [normal_email(admin) for admin in admins] == [email]:
        raise errors.Conflict("The last administrator cannot be removed.")
    transaction.delete(document)
