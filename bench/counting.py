"""Counts what a process asks of Firestore and Pub/Sub, at its gRPC channels: documents, commits, messages.

The figures stand in a file that other processes may read while this one goes on.
"""

import mmap
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import grpc


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
    """Count into `asked` on every asynchronous channel that is opened meanwhile."""
    opened = grpc.aio.insecure_channel

    def watched(target: str, *arguments: Any, interceptors: Any = None, **options: Any) -> Any:
        watching = [_Unary(asked, changed), _Streams(asked, changed), *(interceptors or ())]
        return opened(target, *arguments, interceptors=watching, **options)

    grpc.aio.insecure_channel = watched
    try:
        yield
    finally:
        grpc.aio.insecure_channel = opened


class _Unary(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]  # grpc has no types
    def __init__(self, asked: Asked, changed: Callable[[], None]) -> None:
        self._asked = asked
        self._changed = changed

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        asked = self._asked
        if _method(details) == "Publish":
            asked.publishes += 1
            asked.messages += len(request.messages)
        else:
            asked.calls += 1
        call = await continuation(details, request)
        if _method(details) == "Commit" and await call.code() is grpc.StatusCode.OK:
            asked.writes += len(request.writes)
        self._changed()
        return call


class _Streams(grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[misc]  # grpc has no types
    def __init__(self, asked: Asked, changed: Callable[[], None]) -> None:
        self._asked = asked
        self._changed = changed

    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        self._asked.calls += 1
        if _method(details) == "BatchGetDocuments":
            self._asked.reads += len(request.documents)
            self._changed()
            return await continuation(details, request)
        return self._found(await continuation(details, request))

    async def _found(self, answers: Any) -> AsyncIterator[Any]:
        found = 0
        async for answer in answers:
            found += _documents(answer)
            yield answer
        self._asked.reads += max(1, found)
        self._changed()


def _method(details: Any) -> str:
    name = details.method
    return str(name.decode() if isinstance(name, bytes) else name).rpartition("/")[2]


def _documents(answer: Any) -> int:
    """What an answer of a query is charged as: a document, or a count's one read for each thousand."""
    message = type(answer).pb(answer)
    if message.DESCRIPTOR.name == "RunQueryResponse":
        return 1 if message.document.name else 0
    return sum(-(-value.integer_value // 1000) for value in message.result.aggregate_fields.values())
