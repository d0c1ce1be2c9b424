"""Members in Firestore, named by the hash of their e-mail. An operator may write e-mail and role alone."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, DocumentSnapshot, FieldFilter

from crm.access.members import Member, Role, normal_email
from crm.kernel import errors
from crm.platform.google_errors import RETRY, TIMEOUT, translated

COLLECTION = "members"

KEEP = 30.0
"""Seconds that a member's role is kept in memory: how long a removal may take to be felt elsewhere."""

ATTEMPTS = 5


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
            found = await self._document(email).get(retry=RETRY, timeout=TIMEOUT)
        if not found.exists:
            self._kept.pop(email, None)
            return None
        member = decode(found.to_dict() or {})
        self._kept[email] = (time.monotonic() + self._keep, member)
        return member

    async def bind(self, member: Member, subject: str) -> Member:
        """Tie the member to the account that signed in first. Raises Conflict where another was faster."""
        for _ in range(ATTEMPTS):
            async with translated("The database"):
                found = await self._document(member.email).get(retry=RETRY, timeout=TIMEOUT)
                known = (found.to_dict() or {}).get("subject")
                if found.exists and known == subject:
                    return replace(member, subject=subject)
                if not found.exists or known is not None:
                    raise errors.Conflict("This membership has just changed. Try again.")
                try:
                    await found.reference.update(
                        {"subject": subject}, option=self._unchanged(found), retry=RETRY, timeout=TIMEOUT
                    )
                except (FailedPrecondition, NotFound):
                    continue
            return replace(member, subject=subject)
        raise errors.Unavailable("Too many changes of members at once.")

    async def all(self) -> list[Member]:
        """Every member, by e-mail."""
        query = self._client.collection(COLLECTION).order_by("email")
        async with translated("The database"):
            found = await query.get(retry=RETRY, timeout=TIMEOUT)
        return [decode(document.to_dict() or {}) for document in found]

    async def add(self, member: Member) -> Member:
        """A new member. Raises Conflict where the address is one already."""
        member = replace(member, email=normal_email(member.email))
        async with translated("The database"):
            try:
                await self._document(member.email).create(encode(member), retry=RETRY, timeout=TIMEOUT)
            except AlreadyExists as error:
                raise errors.Conflict(f"{member.email} is a member already.") from error
        return member

    async def change(self, email: str, role: Role) -> Member:
        """The member with another role. Raises NotFound for nobody, Conflict for the last administrator."""
        await self._written(email, role)
        member = await self.read(email)
        if member is None:
            raise errors.NotFound("There is no such member.")
        return member

    async def remove(self, email: str) -> None:
        """End a membership; of nobody is fine. Raises Conflict for the last administrator."""
        await self._written(email, None)

    async def _written(self, email: str, role: Role | None) -> None:
        for _ in range(ATTEMPTS):
            if await self._is_written(email, role):
                self._kept.pop(normal_email(email), None)
                return
        raise errors.Unavailable("Too many changes of members at once.")

    async def _is_written(self, email: str, role: Role | None) -> bool:
        """Whether the member has the role now, or is gone without one; False where members changed meanwhile.

        An administrator goes only together with a write that another one still is there: so two cannot remove
        each other and leave nobody.
        """
        async with translated("The database"):
            found = await self._document(email).get(retry=RETRY, timeout=TIMEOUT)
            if not found.exists:
                return True
            batch = self._client.batch()
            if role is None:
                batch.delete(found.reference, option=self._unchanged(found))
            else:
                batch.update(found.reference, {"role": role}, option=self._unchanged(found))
            if found.get("role") == "admin" and role != "admin":
                stays = await self._another_admin(found.id)
                batch.update(stays.reference, {"role": "admin"}, option=self._unchanged(stays))
            try:
                await batch.commit(retry=RETRY, timeout=TIMEOUT)
            except (FailedPrecondition, NotFound):
                return False
        return True

    async def _another_admin(self, name: str) -> DocumentSnapshot[Any]:
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("role", "==", "admin"))
        for admin in await query.limit(2).get(retry=RETRY, timeout=TIMEOUT):
            if admin.id != name:
                return admin
        raise errors.Conflict("The last administrator has to stay one.")

    def _unchanged(self, found: DocumentSnapshot[Any]) -> Any:
        return self._client.write_option(last_update_time=found.update_time)

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
