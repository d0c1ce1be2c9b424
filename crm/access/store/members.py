"""`members/{hash of the e-mail}`: members. An operator may write a document with e-mail and role alone."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.access.members import Member, Role, normal_email
from crm.kernel import errors
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.platform.firestore.documents import Stored

COLLECTION: Final = "members"

CACHE_SECONDS: Final = 30.0
"""How long a member is cached: the longest time until a removal takes effect in other instances."""

ATTEMPTS: Final = 5


class Members:
    """The members of a database. Every call raises Unavailable."""

    def __init__(self, client: AsyncClient, cache_seconds: float = CACHE_SECONDS) -> None:
        self._client = client
        self._cache_seconds = cache_seconds
        self._cache: dict[str, tuple[float, Member]] = {}

    async def find_cached(self, email: str) -> Member | None:
        """The member as of at most CACHE_SECONDS ago."""
        email = normal_email(email)
        until, member = self._cache.get(email, (0.0, None))
        if member is not None and time.monotonic() < until:
            return member
        return await self.find(email)

    async def find(self, email: str) -> Member | None:
        """The member as of now."""
        email = normal_email(email)
        stored = await documents.get(self._client, _path(email))
        if stored is None:
            self._cache.pop(email, None)
            return None
        member = decode(stored.fields)
        self._cache[email] = (time.monotonic() + self._cache_seconds, member)
        return member

    async def bind(self, member: Member, subject: str) -> Member:
        """Bind the member to the first account that signs in. Raises Conflict if another one was first."""
        path = _path(member.email)
        for _ in range(ATTEMPTS):
            stored = await documents.get(self._client, path)
            bound = stored and stored.fields.get("subject")
            if stored is None or bound not in (None, subject):
                raise errors.Conflict("This membership has just changed. Try again.")
            if bound is None:
                commit = Commit(self._client)
                commit.update(path, {"subject": subject}, stored.etag)
                if not await _is_sent(commit):
                    continue
            return replace(member, subject=subject)
        raise errors.Unavailable("Too many concurrent changes of members.")

    async def all(self) -> list[Member]:
        """Every member, by e-mail."""
        query = self._client.collection(COLLECTION).order_by("email")
        found = await documents.query(self._client, query)
        return [decode(stored.fields) for stored in found.documents.values()]

    async def add(self, member: Member) -> Member:
        """Store a new member. Raises Conflict if the address belongs to one."""
        member = replace(member, email=normal_email(member.email))
        commit = Commit(self._client)
        commit.create(_path(member.email), asdict(member))
        try:
            await commit.send()
        except AlreadyExists as error:
            raise errors.Conflict(f"{member.email} is a member already.") from error
        return member

    async def change_role(self, email: str, role: Role) -> Member:
        """The member with another role. Raises NotFound, and Conflict for the last administrator."""
        await self._write(email, role)
        member = await self.find(email)
        if member is None:
            raise errors.NotFound("There is no such member.")
        return member

    async def remove(self, email: str) -> None:
        """End a membership, if there is one. Raises Conflict for the last administrator."""
        await self._write(email, None)

    async def _write(self, email: str, role: Role | None) -> None:
        """Change the role of a member, or remove the member."""
        for _ in range(ATTEMPTS):
            if await self._is_written(_path(email), role):
                self._cache.pop(normal_email(email), None)
                return
        raise errors.Unavailable("Too many concurrent changes of members.")

    async def _is_written(self, path: str, role: Role | None) -> bool:
        """False if members changed concurrently. True also if there is no such member.

        A commit that takes an administrator's role writes another administrator as well, guarded by its etag:
        two administrators cannot remove each other and leave none.
        """
        stored = await documents.get(self._client, path)
        if stored is None:
            return True
        commit = Commit(self._client)
        if role is None:
            commit.delete(path, stored.etag)
        else:
            commit.update(path, {"role": role}, stored.etag)
        if stored.fields["role"] == "admin" and role != "admin":
            other, admin = await self._other_admin(path)
            commit.update(other, {"role": "admin"}, admin.etag)
        return await _is_sent(commit)

    async def _other_admin(self, path: str) -> tuple[str, Stored]:
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("role", "==", "admin"))
        found = await documents.query(self._client, query.limit(2))
        for name, admin in found.documents.items():
            if f"{COLLECTION}/{name}" != path:
                return f"{COLLECTION}/{name}", admin
        raise errors.Conflict("The last administrator has to stay one.")


def document_name(email: str) -> str:
    """The id of the document for an address."""
    return hashlib.sha256(normal_email(email).encode()).hexdigest()


def decode(fields: Mapping[str, Any]) -> Member:
    """The member of a document."""
    return Member(
        email=normal_email(fields["email"]),
        role=fields["role"],
        subject=fields.get("subject"),
        added_by=fields.get("added_by"),
        added_at=fields.get("added_at"),
    )


def _path(email: str) -> str:
    return f"{COLLECTION}/{document_name(email)}"


async def _is_sent(commit: Commit) -> bool:
    try:
        await commit.send()
    except (FailedPrecondition, NotFound):
        return False
    return True
