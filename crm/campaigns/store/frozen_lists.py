"""The recipients of a launch as it found them: `frozen_lists/{id}` and `frozen_lists/{id}/parts/{nnnn}`.

Every commit that writes parts writes the list's own document, so the sweep finds what is left of whoever was
killed. The commit that launches a campaign names the list, unless the sweep dropped it. A part is deleted in
the commit that writes its chunks (`chunks.FrozenAudiences.freeze`), so it becomes chunks once, or never.
"""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.campaigns.frozen_list import FrozenList, FrozenPart
from crm.kernel.errors import Conflict, Unavailable
from crm.kernel.id_lists import pack, unpack
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION = "frozen_lists"

COMMIT_BYTES = 2_000_000
"""Bytes of parts that one commit writes, about."""

DELETED_AT_ONCE = 500


class FrozenLists:
    """Writes lists, reads them part by part, and forgets them."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        """Store the parts under a new name. Raises Unavailable, and is dropped then, sooner or later."""
        name = uuid4().hex
        head = {"campaign_id": campaign_id, "check_at": check_at, "state": "written", "parts": 0}
        commit = Commit(self._client)
        commit.create(head_of(name), head)
        packed = await to_thread(lambda: [pack(part) for part in partitions])
        for number, part in enumerate(packed):
            if commit.size > COMMIT_BYTES:
                # Each commit holds on to the last one: nothing is added to a list that was dropped meanwhile.
                etag = await _sent(commit)
                commit = Commit(self._client)
                commit.update(head_of(name), {"parts": number}, etag)
            commit.create(path_of(name, number), {"packed": part})
        return FrozenList(name=name, campaign_id=campaign_id, etag=await _sent(commit))

    async def part(self, name: str, number: int) -> FrozenPart | None:
        """The recipients of a part; None where it has become chunks already, or never was."""
        found = await documents.get(self._client, path_of(name, number))
        return found and FrozenPart(customer_ids=unpack(found.fields["packed"]), etag=found.etag)

    async def left(self, name: str, limit: int) -> list[int]:
        """The numbers of up to `limit` parts that have not become chunks yet."""
        query = self._parts(name).order_by("__name__").limit(limit).select([])
        return [int(part) for part in (await documents.query(self._client, query)).documents]

    async def to_check(self, now: datetime, limit: int) -> list[FrozenList]:
        """Up to `limit` lists whose time of looking after them has come."""
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("check_at", "<=", now))
        found = await documents.query(self._client, query.order_by("check_at").limit(limit))
        return [
            FrozenList(name=name, campaign_id=head.fields["campaign_id"], etag=head.etag)
            for name, head in found.documents.items()
        ]

    async def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        """Look after the list again then. Raises Conflict where it has changed since it was read."""
        await self._change(wanted, check_at=check_at)

    async def drop(self, unwanted: FrozenList) -> None:
        """Delete a list. Raises Conflict where it was named, or dropped, since it was read."""
        await self._change(unwanted, state="dropped")  # from here on nobody can name it
        await self.forget(unwanted.name)

    async def forget(self, name: str) -> None:
        """Delete a list that nobody can name any more, its own document last. Harmless to repeat."""
        while numbers := await self.left(name, DELETED_AT_ONCE):
            commit = Commit(self._client)
            for number in numbers:
                commit.delete(path_of(name, number))
            await commit.send()
        commit = Commit(self._client)
        commit.delete(head_of(name))
        await commit.send()

    async def _change(self, known: FrozenList, **fields: Any) -> None:
        commit = Commit(self._client)
        commit.update(head_of(known.name), fields, known.etag)
        try:
            await commit.send()
        except (FailedPrecondition, NotFound) as error:
            raise Conflict("The frozen list has changed meanwhile.") from error

    def _parts(self, name: str) -> Any:
        return self._client.collection(f"{COLLECTION}/{name}/parts")


async def _sent(commit: Commit) -> Any:
    """The etag of the list's own document, which every commit writes first."""
    try:
        return (await commit.send())[0]
    except (AlreadyExists, FailedPrecondition, NotFound) as error:
        raise Unavailable("The list of recipients could not be written.") from error


def name_it(commit: Commit, known: FrozenList) -> None:
    """Make the list the one that counts, in the commit that launches its campaign."""
    commit.update(head_of(known.name), {"state": "named"}, known.etag)


def head_of(name: str) -> str:
    """Where a list's own document is."""
    return f"{COLLECTION}/{name}"


def path_of(name: str, number: int) -> str:
    """Where a part is."""
    return f"{COLLECTION}/{name}/parts/{number:04d}"
