"""Who may use a new stack: its members, and an API key for the systems that post data."""

from datetime import UTC, datetime

from google.cloud.firestore import AsyncClient

from crm.access.api_keys import SCOPES
from crm.access.live_keys import LiveKeys
from crm.access.members import Member, Role
from crm.access.store.api_keys import ApiKeys, new_id
from crm.access.store.members import Members
from crm.kernel.errors import Unauthenticated
from devstack.emulators import PROJECT

MEMBERS: dict[str, Role] = {
    "owner@example.com": "admin",
    "marketer@example.com": "marketer",
    "viewer@example.com": "viewer",
}

_BY = "make run"


async def members(database: AsyncClient) -> None:
    """Make sure of the members. One whom an owner removed comes back with the next start."""
    stored = Members(database)
    for email, role in MEMBERS.items():
        if await stored.find(email) is None:
            await stored.add(Member(email=email, role=role, added_by=_BY, added_at=datetime.now(UTC)))


async def api_key(database: AsyncClient, kept: str) -> str:
    """The key `kept` while the database knows it, else a new one: a crash may lose the newest changes."""
    keys = ApiKeys(database)
    now = datetime.now(UTC)
    try:
        await LiveKeys(lambda: keys).verify(kept, now)
    except Unauthenticated:
        _, kept = await keys.create(new_id(), "Local stack", _BY, now, SCOPES)
    return kept


async def granted() -> str:
    """A new key for the systems of a new stack, which has its members, too."""
    database = AsyncClient(project=PROJECT)
    await members(database)
    return await api_key(database, "")
