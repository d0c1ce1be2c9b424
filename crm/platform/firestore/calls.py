"""Firestore's calls with ready-made protobuf requests.

The only module that uses private parts of the client library: its public API spends most of a read or write
on converting documents, and it offers no preconditions on whole-document writes. Calls share the client's
connection, database and credentials. All raise Unavailable, and let failed preconditions through.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncCollectionReference, AsyncQuery, Client
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    CommitRequest,
    RunAggregationQueryRequest,
    RunQueryRequest,
)

from crm.platform.google_errors import TIMEOUT, retry, translated

Query = AsyncQuery | AsyncCollectionReference

_Get = BatchGetDocumentsRequest.pb()
_Commit = CommitRequest.pb()


def root(client: AsyncClient) -> str:
    """What precedes a document's path in its full name, without the slash."""
    return f"{client._database_string}/documents"


async def get_documents(
    client: AsyncClient, paths: Sequence[str], fields: Sequence[str] = ()
) -> AsyncIterator[Any]:
    """The answers for these documents, found or missing; `fields` limits what is read of each."""
    async with translated("The database"):
        answers = await client._firestore_api.batch_get_documents(
            request=_get_request(client, paths, fields),
            metadata=client._rpc_metadata,
            retry=retry(),
            timeout=TIMEOUT,
        )
        async for answer in answers:
            yield type(answer).pb(answer)


def get_documents_blocking(client: Client, paths: Sequence[str]) -> list[Any]:
    """`get_documents` for the blocking client, which threads use to transfer large documents."""
    answers = client._firestore_api.batch_get_documents(
        request=_get_request(client, paths, ()), metadata=client._rpc_metadata, timeout=TIMEOUT
    )
    return [type(answer).pb(answer) for answer in answers]


async def run_query(
    client: AsyncClient, query: Query, seconds: float, read_time: Any = None
) -> AsyncIterator[Any]:
    """The answers to a query, as of `read_time` (a protobuf timestamp) if one is given."""
    parent, structured = _structured(query)
    request = RunQueryRequest(parent=parent, structured_query=structured)
    if read_time is not None:
        RunQueryRequest.pb(request).read_time.CopyFrom(read_time)
    async with translated("The database"):
        answers = await client._firestore_api.run_query(
            request=request, metadata=client._rpc_metadata, retry=retry(), timeout=seconds
        )
        async for answer in answers:
            yield type(answer).pb(answer)


async def run_aggregation(
    client: AsyncClient, query: Query, sums: Sequence[str], seconds: float, read_time: Any = None
) -> AsyncIterator[Any]:
    """The answers to an aggregation: the `count`, and the sum of each of `sums` under its field's name."""
    parent, structured = _structured(query)
    request = RunAggregationQueryRequest(parent=parent)
    message = RunAggregationQueryRequest.pb(request)
    aggregation = message.structured_aggregation_query
    aggregation.structured_query.CopyFrom(type(structured).pb(structured))
    aggregation.aggregations.add(alias="count").count.SetInParent()
    for name in sums:
        aggregation.aggregations.add(alias=name).sum.field.field_path = name
    if read_time is not None:
        message.read_time.CopyFrom(read_time)
    async with translated("The database"):
        answers = await client._firestore_api.run_aggregation_query(
            request=request, metadata=client._rpc_metadata, retry=retry(), timeout=seconds
        )
        async for answer in answers:
            yield type(answer).pb(answer)


async def commit(client: AsyncClient, writes: Sequence[Any]) -> list[Any]:
    """Apply protobuf writes atomically; return the update time of each."""
    request = _Commit(database=client._database_string, writes=writes)
    async with translated("The database"):
        answer = await client._firestore_api.commit(
            request=CommitRequest.wrap(request),
            metadata=client._rpc_metadata,
            retry=retry(),
            timeout=TIMEOUT,
        )
    return [result.update_time for result in type(answer).pb(answer).write_results]


def blocking(client: AsyncClient) -> Client:
    """A blocking client of the same database."""
    return Client(project=client.project, credentials=client._credentials, database=client._database)


def _structured(query: Query) -> tuple[str, Any]:
    """The name of the document (or root) whose collection is queried, and the query as a message."""
    if isinstance(query, AsyncCollectionReference):
        query = query._query()
    parent, _ = query._parent._parent_info()
    return parent, query._to_protobuf()


def _get_request(client: AsyncClient | Client, paths: Sequence[str], fields: Sequence[str]) -> Any:
    names = [f"{client._database_string}/documents/{path}" for path in paths]
    request = _Get(database=client._database_string, documents=names)
    if fields:
        request.mask.field_paths.extend(fields)
    return BatchGetDocumentsRequest.wrap(request)
