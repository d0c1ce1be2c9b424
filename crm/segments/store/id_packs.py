"""Lists of customers' ids as documents hold them: in order, compressed, in parts under a document's limit."""

import io
from collections.abc import Iterator
from typing import Final

import polars as pl

MAX_PART: Final = 850_000
"""Bytes of a document."""


def packed(ids: pl.Series) -> list[tuple[str, bytes]]:
    """The ids in order, as parts: the first id of each, and the part. No ids are no parts."""
    return list(_parts(ids.sort().alias("id"))) if len(ids) else []


def unpacked(part: bytes) -> pl.Series:
    """The ids of a part. Raises ValueError for what is not a part."""
    try:
        return pl.read_ipc(io.BytesIO(part))["id"]
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ValueError("This is not a list of ids.") from error


def one_part(ids: pl.Series) -> bytes:
    """The ids as one part, whatever its size."""
    buffer = io.BytesIO()
    ids.alias("id").to_frame().write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def _parts(ids: pl.Series) -> Iterator[tuple[str, bytes]]:
    payload = one_part(ids)
    if len(payload) <= MAX_PART:
        yield ids[0], payload
        return
    count = len(payload) * 5 // (MAX_PART * 4) + 1  # a fifth of room: parts are not all alike
    size = -(-len(ids) // max(count, 2))
    for begin in range(0, len(ids), size):
        yield from _parts(ids.slice(begin, size))
