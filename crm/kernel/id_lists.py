"""Lists of customer ids, cut into parts that each fit into one document, and compressed.

A part is JSON under zlib: `["C-1","C-2"]`. Sorted ids pack to between a fifth and a half of that.
"""

import json
import zlib
from collections.abc import Iterator, Sequence

from crm.kernel.batches import batched, halved

MAX_BYTES = 900_000
"""Bytes of a part before compression: it fits into a document even if nothing can be compressed."""


def cut(ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """The ids in their order, in parts of up to `most` ids and `MAX_BYTES` each; no part for no ids."""
    for part in batched(ids, most):
        yield from halved(part, _fits)


def pack(ids: Sequence[str]) -> bytes:
    """The bytes of one part."""
    return zlib.compress(_text(ids), 1)


def unpack(packed: bytes) -> list[str]:
    """The ids of a part, in their order."""
    ids: list[str] = json.loads(zlib.decompress(packed))
    return ids


def _fits(part: Sequence[str]) -> bool:
    return len(_text(part)) <= MAX_BYTES


def _text(ids: Sequence[str]) -> bytes:
    return json.dumps(ids, ensure_ascii=False, separators=(",", ":")).encode()
