"""Reads what is new in the audience's change log.

The server sets a commit's time before it becomes visible, so a document may appear with an earlier time than
others already read. A count over the last seconds, which costs one read, detects this. Only then are the
names of these seconds listed.
"""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from google.cloud.firestore import AsyncClient, FieldFilter

from crm.customers.store.change_log import LOG
from crm.kernel.batches import batched
from crm.platform.firestore import documents, values

OVERLAP: Final = timedelta(seconds=30)
"""The longest that a document may become visible after its own time. Commits time out after ten seconds."""

PAGE: Final = 40
"""Payloads of one read, which keeps it well within its timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far the log has been read: all before `since`, and the `recent` documents after it.

    `recent` maps names to times. `read_at` is the server's time of the latest read.
    """

    since: datetime
    recent: Mapping[str, datetime]
    read_at: datetime


def start(since: datetime) -> Position:
    """The position before any document of `since` or later."""
    return Position(since=since, recent={}, read_at=values.EPOCH)


async def read_on(client: AsyncClient, position: Position) -> tuple[list[bytes], Position]:
    """The payloads added to the log, including every commit that had returned before this call.

    Raises Unavailable.
    """
    (documents, read_at), late = await gather(_later(client, position), _late(client, position))
    documents.update(late)
    since = max(position.since, read_at - OVERLAP)
    stamps = {**position.recent, **{name: each.fields["at"] for name, each in documents.items()}}
    recent = {name: at for name, at in stamps.items() if at >= since}
    payloads = [each.fields["payload"] for each in documents.values()]
    return payloads, Position(since=since, recent=recent, read_at=read_at)


async def _later(client: AsyncClient, position: Position) -> tuple[dict[str, documents.Stored], datetime]:
    """The documents later than any read so far, and the server's time of the read."""
    last = max(position.recent.values(), default=None)
    query = client.collection(LOG).order_by("at").order_by("__name__").limit(PAGE)
    if last is None:
        query = query.where(filter=FieldFilter("at", ">=", position.since))
    else:
        query = query.where(filter=FieldFilter("at", ">", last))
    found = await documents.query(client, query)
    found_by_name, read_at = dict(found.documents), found.at
    while len(found.documents) == PAGE:
        name, document = list(found.documents.items())[-1]
        found = await documents.query(client, query.start_after(_cursor(client, name, document)))
        found_by_name.update(found.documents)
    return found_by_name, read_at


async def _late(client: AsyncClient, position: Position) -> Mapping[str, documents.Stored]:
    """Documents that have appeared among those already read."""
    if not position.recent:
        return {}
    last = max(position.recent.values())
    window = (
        client.collection(LOG)
        .where(filter=FieldFilter("at", ">=", position.since))
        .where(filter=FieldFilter("at", "<=", last))
    )
    if await documents.count(client, window) == len(position.recent):
        return {}
    names = (await documents.query(client, window.select(["at"]))).documents
    unseen = [name for name in names if name not in position.recent]
    return await _fetch(client, unseen)


async def _fetch(client: AsyncClient, names: Sequence[str]) -> dict[str, documents.Stored]:
    """Documents of the log by their names, payloads included."""
    found: dict[str, documents.Stored] = {}
    for page in batched(names, PAGE):
        paths = [f"{LOG}/{name}" for name in page]
        part = await documents.get_many(client, paths)
        found.update({path.rpartition("/")[2]: document for path, document in part.items()})
    return found


def _cursor(client: AsyncClient, name: str, document: documents.Stored) -> dict[str, Any]:
    return {"at": document.fields["at"], "__name__": client.collection(LOG).document(name)}
