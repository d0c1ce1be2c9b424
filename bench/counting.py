"""Counts what a process asks of Firestore and Pub/Sub, at their clients: documents, commits, messages.

The figures stand in a file that other processes may read while this one goes on.
"""

import mmap
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.cloud.firestore_v1.services.firestore.async_client import FirestoreAsyncClient
from google.cloud.firestore_v1.types import BatchGetDocumentsRequest
from google.pubsub_v1 import PublisherAsyncClient


@dataclass(slots=True)
class Asked:
    """`reads` and `writes` are documents: what is found or missing, a query that finds nothing being one,
    and what is committed, deletions among it. `calls` are calls to the database, `messages` those published,
    in `publishes` calls."""

    reads: int = 0
    writes: int = 0
    calls: int = 0
    messages: int = 0
    publishes: int = 0

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(**{name: getattr(self, name) + getattr(other, name) for name in _NAMES})

    def __sub__(self, other: "Asked") -> "Asked":
        return Asked(**{name: getattr(self, name) - getattr(other, name) for name in _NAMES})


_NAMES = tuple(field.name for field in fields(Asked))
_FORM = f"{len(_NAMES)}q"


def read(file: Path) -> Asked:
    """What the process that counts into `file` has asked for until now."""
    return Asked(*struct.unpack(_FORM, file.read_bytes()[: struct.calcsize(_FORM)]))


def shown_in(file: Path, asked: Asked) -> Callable[[], None]:
    """Show `asked` in `file`, now and whenever what is returned is called."""
    with file.open("w+b") as opened:
        opened.truncate(struct.calcsize(_FORM))
        shared = mmap.mmap(opened.fileno(), struct.calcsize(_FORM))

    def show() -> None:
        struct.pack_into(_FORM, shared, 0, *(getattr(asked, name) for name in _NAMES))

    show()
    return show


@contextmanager
def counted(asked: Asked, changed: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Count into `asked` what asynchronous clients of this process ask for meanwhile."""
    commit, get = FirestoreAsyncClient.commit, FirestoreAsyncClient.batch_get_documents
    query, aggregate = FirestoreAsyncClient.run_query, FirestoreAsyncClient.run_aggregation_query
    publish = PublisherAsyncClient.publish

    async def counted_commit(self: Any, request: Any = None, **options: Any) -> Any:
        asked.calls += 1
        answer = await commit(self, request, **options)
        asked.writes += len(answer.write_results)
        changed()
        return answer

    async def counted_get(self: Any, request: Any = None, **options: Any) -> Any:
        asked.calls += 1
        asked.reads += len(BatchGetDocumentsRequest(request).documents)
        changed()
        return await get(self, request, **options)

    def counted_query(ask: Any) -> Any:
        async def asking(self: Any, request: Any = None, **options: Any) -> Any:
            asked.calls += 1
            return found(await ask(self, request, **options))

        return asking

    async def found(answers: Any) -> AsyncIterator[Any]:
        documents = 0
        async for answer in answers:
            documents += _documents(answer)
            yield answer
        asked.reads += max(1, documents)
        changed()

    def counted_publish(self: Any, *arguments: Any, messages: Any, **options: Any) -> Any:
        asked.publishes += 1
        asked.messages += len(messages)
        changed()
        return publish(self, *arguments, messages=messages, **options)

    patches = {
        (FirestoreAsyncClient, "commit"): counted_commit,
        (FirestoreAsyncClient, "batch_get_documents"): counted_get,
        (FirestoreAsyncClient, "run_query"): counted_query(query),
        (FirestoreAsyncClient, "run_aggregation_query"): counted_query(aggregate),
        (PublisherAsyncClient, "publish"): counted_publish,
    }
    with ExitStack() as stack:
        for (owner, name), replacement in patches.items():
            stack.enter_context(patch.object(owner, name, replacement))
        yield


def _documents(answer: Any) -> int:
    """What an answer of a query is charged as: a document, or a count's one read for each thousand."""
    message = type(answer).pb(answer)
    if message.DESCRIPTOR.name == "RunQueryResponse":
        return 1 if message.document.name else 0
    return sum(-(-value.integer_value // 1000) for value in message.result.aggregate_fields.values())
