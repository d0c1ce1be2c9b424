"""Lists of customers' ids, cut into parts and packed, each part small enough for one document.

A part is JSON under zlib: `["C-1","C-2"]`. Sorted ids pack to between a fifth and a half of that.
"""

import json
import zlib
from collections.abc import Iterator, Sequence

MAX_BYTES = 900_000
"""Bytes of a part before it is compressed, so that it fits a document whatever the ids look like."""


def cut(ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """The ids in their order, in parts of up to `most` and of no more than `MAX_BYTES`; none for no ids."""
    for start in range(0, len(ids), most):
        yield from _halved(ids[start : start + most])


def pack(ids: Sequence[str]) -> bytes:
    """A part as bytes."""
    return zlib.compress(_text(ids), 1)


def unpack(packed: bytes) -> list[str]:
    """The ids of a part, in their order."""
    ids: list[str] = json.loads(zlib.decompress(packed))
    return ids


def _halved(part: Sequence[str]) -> Iterator[Sequence[str]]:
    """A part that is too large as two, and so on; one id always fits."""
    half = len(part) // 2
    if half and len(_text(part)) > MAX_BYTES:
        yield from _halved(part[:half])
        yield from _halved(part[half:])
    else:
        yield part


def _text(ids: Sequence[str]) -> bytes:
    return json.dumps(ids, ensure_ascii=False, separators=(",", ":")).encode()
