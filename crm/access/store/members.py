"""`members/{hash of the e-mail}`: members. An operator may write a document with e-mail and role alone."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.access.members import Member, Role, Session, member_id, normal_email
from crm.access.sessions import LIFETIME
from crm.kernel import errors
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.platform.firestore.documents import Stored

COLLECTION: Final = "members"

CACHE_SECONDS: Final = 30.0
"""How long a member is cached: the longest time until a sign-out, a removal or a change of role takes effect
in other instances."""

ATTEMPTS: Final = 5

MAX_ENDED_SESSIONS: Final = 50
"""Sessions of one member that are stored as ended; one more ends all of them."""


class Members:
    """The members of a database. Every call raises Unavailable."""

    def __init__(self, client: AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._cache: dict[str, tuple[float, Member]] = {}

    async def find_cached(self, email: str) -> Member | None:
        """The member as of at most CACHE_SECONDS ago."""
        at, member = self._cache.get(member_id(email), (0.0, None))
        if member is not None and self._clock() - at < CACHE_SECONDS:
            return member
        return await self.find(email)

    async def find(self, email: str) -> Member | None:
        """The member as of now."""
        return await self.find_by_id(member_id(email))

    async def find_by_id(self, name: str) -> Member | None:
        """The member of this id as of now."""
        at = self._clock()
        stored = await documents.get(self._client, _path(name))
        if stored is None:
            self._cache.pop(name, None)
            return None
        member = decode(stored.fields)
        self._cache[name] = (at, member)
        return member

    async def bind(self, member: Member, subject: str) -> Member:
        """Bind the member to the first account that signs in, with a version if there is none.

        Raises Conflict if another account was first.
        """
        path = _path(member.id)
        for _ in range(ATTEMPTS):
            stored = await documents.get(self._client, path)
            if stored is None or stored.fields.get("subject") not in (None, subject):
                raise errors.Conflict("This membership has just changed. Try again.")
            found = decode(stored.fields)
            bound = replace(found, subject=subject, version=found.version or _new_version())
            if bound == found:
                return bound
            commit = Commit(self._client)
            commit.update(path, {"subject": subject, "version": bound.version}, stored.etag)
            if await self._is_sent(commit, member.id):
                return bound
        raise errors.Unavailable("Too many changes of members at once.")

    async def all(self) -> list[Member]:
        """Every member, by e-mail."""
        query = self._client.collection(COLLECTION).order_by("email")
        found = await documents.query(self._client, query)
        return [decode(stored.fields) for stored in found.documents.values()]

    async def add(self, member: Member) -> Member:
        """Store a new member; sessions of an earlier membership stay ended.

        Raises Conflict if the address belongs to a member.
        """
        member = replace(member, email=normal_email(member.email), version=_new_version())
        commit = Commit(self._client)
        commit.create(_path(member.id), asdict(member))
        try:
            await commit.send()
        except AlreadyExists as error:
            raise errors.Conflict(f"{member.email} is a member already.") from error
        return member

    async def change_role(self, name: str, role: Role) -> Member:
        """Give the member of this id another role, which ends their sessions.

        Raises NotFound, and Conflict for the last administrator.
        """
        await self._write(name, role)
        member = await self.find_by_id(name)
        if member is None:
            raise errors.NotFound("There is no such member.")
        return member

    async def remove(self, name: str) -> None:
        """End the membership of this id, if there is one. Raises Conflict for the last administrator."""
        await self._write(name, None)

    async def end_session(self, session: Session, now: datetime, everywhere: bool = False) -> None:
        """End a session, or with `everywhere` all of its member, unless it has ended."""
        path = _path(member_id(session.email))
        for _ in range(ATTEMPTS):
            stored = await documents.get(self._client, path)
            if stored is None or not (member := decode(stored.fields)).holds(session):
                return
            lasting = {name: end for name, end in member.ended_sessions.items() if end > now}
            fields: dict[str, Any] = {"ended_sessions": {**lasting, session.id: now + LIFETIME}}
            if everywhere or len(lasting) >= MAX_ENDED_SESSIONS:
                fields = _ending_all()
            commit = Commit(self._client)
            commit.update(path, fields, stored.etag)
            if await self._is_sent(commit, member.id):
                return
        raise errors.Unavailable("Too many changes of members at once.")

    async def _write(self, name: str, role: Role | None) -> None:
        """Change the role of a member, or remove the member."""
        for _ in range(ATTEMPTS):
            if await self._is_written(name, role):
                return
        raise errors.Unavailable("Too many changes of members at once.")

    async def _is_written(self, name: str, role: Role | None) -> bool:
        """False if members changed concurrently. True also if there is nothing to change.

        A commit that takes an administrator's role writes another administrator as well, guarded by its etag:
        two administrators cannot remove each other and leave none.
        """
        path = _path(name)
        stored = await documents.get(self._client, path)
        if stored is None or stored.fields["role"] == role:
            return True
        commit = Commit(self._client)
        if role is None:
            commit.delete(path, stored.etag)
        else:
            commit.update(path, {"role": role, **_ending_all()}, stored.etag)
        if stored.fields["role"] == "admin":
            other, admin = await self._other_admin(path)
            commit.update(other, {"role": "admin"}, admin.etag)
        return await self._is_sent(commit, name)

    async def _is_sent(self, commit: Commit, name: str) -> bool:
        """False if a document had changed meanwhile. This instance forgets what it knew of the member."""
        try:
            await commit.send()
        except (FailedPrecondition, NotFound):
            return False
        finally:
            self._cache.pop(name, None)
        return True

    async def _other_admin(self, path: str) -> tuple[str, Stored]:
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("role", "==", "admin"))
        found = await documents.query(self._client, query.limit(2))
        for name, admin in found.documents.items():
            if f"{COLLECTION}/{name}" != path:
                return f"{COLLECTION}/{name}", admin
        raise errors.Conflict("The last administrator has to stay one.")


def decode(fields: Mapping[str, Any]) -> Member:
    """The member of a document."""
    return Member(
        email=normal_email(fields["email"]),
        role=fields["role"],
        subject=fields.get("subject"),
        version=fields.get("version", ""),
        ended_sessions=fields.get("ended_sessions", {}),
        added_by=fields.get("added_by"),
        added_at=fields.get("added_at"),
    )


def _new_version() -> str:
    return secrets.token_hex(8)


def _ending_all() -> dict[str, Any]:
    """The fields that end all sessions of a member."""
    return {"version": _new_version(), "ended_sessions": {}}


def _path(name: str) -> str:
    return f"{COLLECTION}/{name}"
