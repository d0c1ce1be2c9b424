"""Reads and atomic commits in ready-made protobuf messages, for the paths that carry every message.

The client library spends most of a write on building it (see `commit` of `WriteBatch`): this is the same
call without that. Documents are named by their path, `collection/id`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from google.cloud.firestore import AsyncClient, AsyncQuery, AsyncWriteBatch
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    CommitRequest,
    DocumentTransform,
    RunAggregationQueryRequest,
    RunQueryRequest,
    Value,
    Write,
)

from crm.platform.google_errors import RETRY, TIMEOUT, translated

_Value = Value.pb()
_Write = Write.pb()
_Commit = CommitRequest.pb()
_Get = BatchGetDocumentsRequest.pb()
_REQUEST_TIME = DocumentTransform.FieldTransform.ServerValue.REQUEST_TIME

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NOTHING: Mapping[str, int] = MappingProxyType({})


class Stored(NamedTuple):
    """A document as read: its fields, when it was made, and the etag that a precondition may name."""

    fields: dict[str, Any]
    created_at: datetime
    etag: Any


async def read(client: AsyncClient, paths: Sequence[str], fields: Sequence[str] = ()) -> dict[str, Stored]:
    """Those of the documents that exist, by path, from one consistent read; of each all fields, or `fields`.

    Raises Unavailable.
    """
    if not paths:
        return {}
    root = _root(client)
    request = _Get(database=client._database_string, documents=[f"{root}/{path}" for path in paths])
    if fields:
        request.mask.field_paths.extend(fields)
    found: dict[str, Stored] = {}
    async with translated("The database"):
        answers = await client._firestore_api.batch_get_documents(
            request=BatchGetDocumentsRequest.wrap(request),
            metadata=client._rpc_metadata,
            retry=RETRY,
            timeout=TIMEOUT,
        )
        async for answer in answers:
            document = type(answer).pb(answer).found
            if document.name:
                found[document.name[len(root) + 1 :]] = stored(document)
    return found


class Found(NamedTuple):
    """What a query found, by the documents' names within their collection, and when the server looked."""

    documents: dict[str, Stored]
    at: datetime


async def query(client: AsyncClient, wanted: AsyncQuery, seconds: float = TIMEOUT, under: str = "") -> Found:
    """Run a query, within so many seconds. The time is the server's and compares with SERVER_TIMESTAMP.

    `under` is the document whose collection is asked; without one it is a collection at the top.
    Raises Unavailable.
    """
    parent = f"{_root(client)}/{under}".rstrip("/")
    request = RunQueryRequest(parent=parent, structured_query=wanted._to_protobuf())
    found: dict[str, Stored] = {}
    at = EPOCH
    async with translated("The database"):
        answers = await client._firestore_api.run_query(
            request=request, metadata=client._rpc_metadata, retry=RETRY, timeout=seconds
        )
        async for answer in answers:
            message = type(answer).pb(answer)
            at = max(at, moment(message.read_time))
            if message.document.name:
                found[message.document.name.rpartition("/")[2]] = stored(message.document)
    return Found(found, at)


async def count(client: AsyncClient, wanted: AsyncQuery) -> int:
    """How many documents a query finds; charged as one read for each thousand. Raises Unavailable."""
    request = RunAggregationQueryRequest(parent=_root(client))
    aggregated = RunAggregationQueryRequest.pb(request).structured_aggregation_query
    aggregated.structured_query.CopyFrom(type(wanted._to_protobuf()).pb(wanted._to_protobuf()))
    aggregated.aggregations.add(alias="n").count.SetInParent()
    total = 0
    async with translated("The database"):
        answers = await client._firestore_api.run_aggregation_query(
            request=request, metadata=client._rpc_metadata, retry=RETRY, timeout=TIMEOUT
        )
        async for answer in answers:
            total += type(answer).pb(answer).result.aggregate_fields["n"].integer_value
    return total


class Commit:
    """Writes that happen together or not at all."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._root = _root(client)
        self._writes: list[Any] = []

    def __len__(self) -> int:
        return len(self._writes)

    @property
    def size(self) -> int:
        """Bytes of the writes, about what the request will have."""
        return sum(write.ByteSize() for write in self._writes)

    def create(self, path: str, fields: Mapping[str, Any], stamped: str = "") -> None:
        """Make a document; the commit fails with AlreadyExists where there is one.

        The field `stamped` becomes the server's time of the commit.
        """
        write = self._document(path, fields)
        write.current_document.exists = False
        if stamped:
            write.update_transforms.add(field_path=stamped).set_to_server_value = _REQUEST_TIME

    def update(self, path: str, fields: Mapping[str, Any], etag: Any, removed: Collection[str] = ()) -> None:
        """Set `fields`, take away those `removed`, leave the others; the commit fails unless the document
        is still at `etag`."""
        write = self._document(path, fields)
        write.update_mask.SetInParent()  # without one, a change of nothing would replace everything
        write.update_mask.field_paths.extend((*fields, *removed))
        write.current_document.update_time.CopyFrom(etag)

    def change(self, path: str, fields: Mapping[str, Any]) -> None:
        """Set `fields` of a document that must exist, whatever its etag, and leave the others."""
        write = self._document(path, fields)
        write.update_mask.field_paths.extend(fields)
        write.current_document.exists = True

    def merge(
        self,
        path: str,
        fields: Mapping[str, Any],
        append: Mapping[str, Sequence[Any]],
        add: Mapping[str, int] = _NOTHING,
    ) -> None:
        """Set `fields`, give the lists `append` what they lack and add to the numbers `add`, whether or not
        the document exists."""
        write = self._document(path, fields)
        write.update_mask.field_paths.extend(fields)
        for name, values in append.items():
            transform = write.update_transforms.add(field_path=name)
            transform.append_missing_elements.values.extend(encoded(value) for value in values)
        for name, by in add.items():
            write.update_transforms.add(field_path=name).increment.integer_value = by

    def increment(self, path: str, field: str, by: int) -> None:
        """Add `by` to a number of a document that must exist."""
        write = self._document(path, {})
        write.update_mask.SetInParent()  # an empty mask keeps every field, no mask would replace all
        write.update_transforms.add(field_path=field).increment.integer_value = by
        write.current_document.exists = True

    def delete(self, path: str, etag: Any = None) -> None:
        """Delete a document, if it exists. With an etag, the commit fails unless it still has that etag."""
        write = _Write(delete=f"{self._root}/{path}")
        if etag is not None:
            write.current_document.update_time.CopyFrom(etag)
        self._writes.append(write)

    def add(self, batch: AsyncWriteBatch) -> None:
        """Take over the writes that a batch of the client library holds."""
        self._writes.extend(Write.pb(write) for write in batch._write_pbs)

    async def send(self) -> list[Any]:
        """Commit; return the etag of each document written, in order.

        Raises Unavailable, and lets through what says that a precondition does not hold.
        """
        if not self._writes:
            return []
        request = _Commit(database=self._client._database_string, writes=self._writes)
        async with translated("The database"):
            answer = await self._client._firestore_api.commit(
                request=CommitRequest.wrap(request),
                metadata=self._client._rpc_metadata,
                retry=RETRY,
                timeout=TIMEOUT,
            )
        return [result.update_time for result in type(answer).pb(answer).write_results]

    def _document(self, path: str, fields: Mapping[str, Any]) -> Any:
        write = _Write()
        write.update.name = f"{self._root}/{path}"
        places = write.update.fields
        for name, value in fields.items():
            _fill(places[name], value)
        self._writes.append(write)
        return write


def encoded(value: Any) -> Any:
    """A Python value as a Firestore one. Raises TypeError for what has no place there."""
    made = _Value()
    _fill(made, value)
    return made


def _fill(made: Any, value: Any) -> None:
    """Write `value` where its message stands already: built elsewhere and copied it costs twice."""
    if value is None:
        made.null_value = 0
    elif isinstance(value, bool):
        made.boolean_value = value
    elif isinstance(value, int):
        made.integer_value = value
    elif isinstance(value, float):
        made.double_value = value
    elif isinstance(value, str):
        made.string_value = value
    elif isinstance(value, bytes):
        made.bytes_value = value
    elif isinstance(value, datetime):
        since = value - EPOCH
        stamp = made.timestamp_value
        stamp.seconds = since.days * 86_400 + since.seconds
        stamp.nanos = since.microseconds * 1000
    elif isinstance(value, Mapping):
        made.map_value.SetInParent()
        for name, item in value.items():
            _fill(made.map_value.fields[name], item)
    elif isinstance(value, Sequence):
        made.array_value.SetInParent()
        for item in value:
            _fill(made.array_value.values.add(), item)
    else:
        raise TypeError(f"{type(value).__name__} cannot be stored")


def decoded(value: Any) -> Any:
    """A Firestore value as a Python one; times are plain UTC datetimes."""
    kind = value.WhichOneof("value_type")
    if kind == "timestamp_value":
        return moment(value.timestamp_value)
    if kind == "map_value":
        return {name: decoded(item) for name, item in value.map_value.fields.items()}
    if kind == "array_value":
        return [decoded(item) for item in value.array_value.values]
    return None if kind == "null_value" else getattr(value, kind)


def stored(document: Any) -> Stored:
    """A protobuf document as `Stored`."""
    fields = {name: decoded(value) for name, value in document.fields.items()}
    return Stored(fields, moment(document.create_time), document.update_time)


def moment(stamp: Any) -> datetime:
    """A protobuf timestamp, such as an etag, as a time."""
    return EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)


def _root(client: AsyncClient) -> str:
    return f"{client._database_string}/documents"
