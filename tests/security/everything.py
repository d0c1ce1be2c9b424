"""Every document of a database as text, unpacked as far as anything in it can be."""

import json
import zlib
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any

import polars as pl
from google.cloud.firestore import AsyncClient

from crm.audience.engine import blocks


async def everything(database: AsyncClient) -> AsyncIterator[tuple[str, str]]:
    """The path and the text of every document."""
    waiting: list[Any] = [database]
    while waiting:
        async for collection in waiting.pop().collections():
            async for document in collection.list_documents():
                waiting.append(document)
                fields = (await document.get()).to_dict() or {}
                yield document.path, "\n".join((document.path, *map(text_of, _values(fields))))


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _values(item)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)
    else:
        yield value


def text_of(value: Any) -> str:
    """A value as text, unpacked: lists, payloads of the change log, and blocks with all their bytes."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return json.dumps(json.loads(zlib.decompress(value)), ensure_ascii=False)
    except (zlib.error, ValueError):
        pass
    try:
        return "".join(map(_bytes_of, blocks._parts(value)[1:]))
    except (ValueError, pl.exceptions.PolarsError, OSError):
        return value.decode("latin-1") + value.hex()


def _bytes_of(stream: bytes) -> str:
    """The buffers of an Arrow stream, also what no row of it refers to."""
    copied = BytesIO()
    pl.read_ipc_stream(stream).write_ipc_stream(copied, compression="uncompressed")
    return copied.getvalue().decode("latin-1")
