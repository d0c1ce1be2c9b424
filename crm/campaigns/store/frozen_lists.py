"""The recipients found by a launch: `frozen_lists/{id}` and `frozen_lists/{id}/parts/{nnnn}`.

Every commit that writes parts also writes the list's document, so the sweep finds what a killed launch left.
The commit that launches a campaign refers to the list, and fails if the sweep dropped it. The commit that
writes a part's chunks deletes the part (`FrozenAudiences.freeze`), so it becomes chunks at most once.
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
from crm.kernel.id_lists import pack_keys, unpack_keys
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION = "frozen_lists"

COMMIT_BYTES = 2_000_000
"""Approximate bytes of the parts of one commit."""

DELETED_PER_COMMIT = 500


class FrozenLists:
    """Writes lists, reads them part by part, and deletes them."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        """Store the parts under a new name. Raises Unavailable; the sweep then drops what was written."""
        name = uuid4().hex
        head = {"campaign_id": campaign_id, "check_at": check_at, "state": "written", "parts": 0}
        commit = Commit(self._client)
        commit.create(head_of(name), head)
        packed = await to_thread(lambda: [pack_keys(part) for part in partitions])
        for number, part in enumerate(packed):
            if commit.size > COMMIT_BYTES:
                # Each commit requires the previous one's etag: it fails if the list was dropped meanwhile.
                etag = await _sent(commit)
                commit = Commit(self._client)
                commit.update(head_of(name), {"parts": number}, etag)
            commit.create(path_of(name, number), {"packed": part})
        return FrozenList(name=name, campaign_id=campaign_id, etag=await _sent(commit))

    async def part(self, name: str, number: int) -> FrozenPart | None:
        """The recipients of a part; None if it was cut into chunks already, or does not exist."""
        found = await documents.get(self._client, path_of(name, number))
        return found and FrozenPart(customer_keys=unpack_keys(found.fields["packed"]), etag=found.etag)

    async def remaining(self, name: str, limit: int) -> list[int]:
        """The numbers of up to `limit` parts that have not been cut into chunks yet."""
        query = self._parts(name).order_by("__name__").limit(limit).select([])
        return [int(part) for part in (await documents.query(self._client, query)).documents]

    async def to_check(self, now: datetime, limit: int) -> list[FrozenList]:
        """Up to `limit` lists whose `check_at` has passed."""
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("check_at", "<=", now))
        found = await documents.query(self._client, query.order_by("check_at").limit(limit))
        return [
            FrozenList(name=name, campaign_id=head.fields["campaign_id"], etag=head.etag)
            for name, head in found.documents.items()
        ]

    async def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        """Set a new `check_at`. Raises Conflict if the list has changed since it was read."""
        await self._change(wanted, check_at=check_at)

    async def drop(self, unwanted: FrozenList) -> None:
        """Delete a list. Raises Conflict if it was claimed or dropped since it was read."""
        await self._change(unwanted, state="dropped")  # from here on no launch can claim it
        await self.delete(unwanted.name)

    async def delete(self, name: str) -> None:
        """Delete a list that no launch can claim any more, its own document last. Safe to repeat."""
        while numbers := await self.remaining(name, DELETED_PER_COMMIT):
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
    """Send the commit; return the etag of the list's own document, which every commit writes first."""
    try:
        return (await commit.send())[0]
    except (AlreadyExists, FailedPrecondition, NotFound) as error:
        raise Unavailable("The list of recipients could not be written.") from error


def claim(commit: Commit, known: FrozenList) -> None:
    """Make this the list that is used, in the commit that launches its campaign."""
    commit.update(head_of(known.name), {"state": "claimed"}, known.etag)


def head_of(name: str) -> str:
    """The path of a list's own document."""
    return f"{COLLECTION}/{name}"


def path_of(name: str, number: int) -> str:
    """The path of a part."""
    return f"{COLLECTION}/{name}/parts/{number:04d}"
