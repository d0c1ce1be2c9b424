"""Reading documents, which are named by their path: `collection/id`, `collection/id/collection/id`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from google.cloud.firestore import AsyncClient

from crm.platform.firestore import calls
from crm.platform.firestore.calls import Query
from crm.platform.firestore.values import decoded, moment
from crm.platform.google_errors import TIMEOUT

BATCH = 500
"""Documents of one read of `get_in_batches`, so that each answers within TIMEOUT."""


class Stored(NamedTuple):
    """A document as read."""

    fields: dict[str, Any]
    created_at: datetime
    etag: Any
    """The update time as a protobuf timestamp, for the preconditions of a commit."""


class Found(NamedTuple):
    """The result of a consistent read."""

    documents: dict[str, Stored]
    """By path for `get_snapshot`, by document id for `query`."""
    read_time: Any
    """Protobuf timestamp of the read, for other reads as of the same time. None if nothing was read."""

    @property
    def at(self) -> datetime:
        """`read_time` as a datetime; comparable with server times in documents."""
        return moment(self.read_time)


async def get(client: AsyncClient, path: str, fields: Sequence[str] = ()) -> Stored | None:
    """The document, or those `fields` of it; None if it does not exist. Raises Unavailable."""
    return (await get_many(client, [path], fields)).get(path)


async def get_many(
    client: AsyncClient, paths: Sequence[str], fields: Sequence[str] = ()
) -> dict[str, Stored]:
    """The documents that exist, by path, from one consistent read. Raises Unavailable."""
    return (await get_snapshot(client, paths, fields)).documents if paths else {}


async def get_in_batches(
    client: AsyncClient, paths: Sequence[str], fields: Sequence[str] = ()
) -> dict[str, Stored]:
    """Any number of documents, or those `fields` of them, by path, from several reads. Raises Unavailable."""
    found: dict[str, Stored] = {}
    for begin in range(0, len(paths), BATCH):
        found |= await get_many(client, paths[begin : begin + BATCH], fields)
    return found


async def get_snapshot(client: AsyncClient, paths: Sequence[str], fields: Sequence[str] = ()) -> Found:
    """The documents that exist, by path, and the time at which they were read. Raises Unavailable."""
    skipped = len(calls.root(client)) + 1
    found: dict[str, Stored] = {}
    read_time = None
    async for answer in calls.get_documents(client, paths, fields):
        read_time = answer.read_time
        if answer.found.name:
            found[answer.found.name[skipped:]] = _stored(answer.found)
    return Found(found, read_time)


async def query(client: AsyncClient, wanted: Query, seconds: float = TIMEOUT, read_time: Any = None) -> Found:
    """Run a query within `seconds`, as of `read_time` if one is given. Raises Unavailable."""
    found = await _by_name(client, wanted, seconds, read_time)
    named = {name.rpartition("/")[2]: stored for name, stored in found.documents.items()}
    return found._replace(documents=named)


async def query_paths(client: AsyncClient, wanted: Query, seconds: float = TIMEOUT) -> dict[str, Stored]:
    """What a query finds by path: of a group, ids are not unique. Raises Unavailable."""
    skipped = len(calls.root(client)) + 1
    found = (await _by_name(client, wanted, seconds, None)).documents
    return {name[skipped:]: stored for name, stored in found.items()}


async def count(client: AsyncClient, wanted: Query, seconds: float = TIMEOUT, read_time: Any = None) -> int:
    """The number of documents that a query finds, for one read per thousand. Raises Unavailable."""
    return (await aggregate(client, wanted, (), seconds, read_time))["count"]


async def aggregate(
    client: AsyncClient,
    wanted: Query,
    sums: Sequence[str],
    seconds: float = TIMEOUT,
    read_time: Any = None,
) -> dict[str, int]:
    """The `count` of what a query finds, and the sum of each integer field of `sums`. Raises Unavailable."""
    totals: dict[str, int] = {}
    async for answer in calls.run_aggregation(client, wanted, sums, seconds, read_time):
        for name, value in answer.result.aggregate_fields.items():
            totals[name] = value.integer_value
    return totals


async def _by_name(client: AsyncClient, wanted: Query, seconds: float, read_time: Any) -> Found:
    found: dict[str, Stored] = {}
    latest = None
    async for answer in calls.run_query(client, wanted, seconds, read_time):
        if answer.HasField("read_time"):  # an answer that only reports progress has none
            latest = answer.read_time
        if answer.document.name:
            found[answer.document.name] = _stored(answer.document)
    return Found(found, latest)


def _stored(document: Any) -> Stored:
    fields = {name: decoded(value) for name, value in document.fields.items()}
    return Stored(fields, moment(document.create_time), document.update_time)
