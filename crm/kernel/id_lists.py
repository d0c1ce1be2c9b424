"""Lists of customer ids, cut into parts that each fit into one document, and compressed; and lists of keys.

A part of ids is JSON under zlib: `["C-1","C-2"]`. Sorted ids pack to between a fifth and a half of that. Keys
are random, so nothing compresses them: they are stored as bytes, one after another.
"""

import json
import zlib
from collections.abc import Iterator, Sequence

from crm.kernel.batches import batched, halved

KEY_BYTES = 16

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


def pack_keys(keys: Sequence[str]) -> bytes:
    """The bytes of keys, each of 32 hex digits. Raises ValueError for anything else."""
    packed = bytes.fromhex("".join(keys))
    if len(packed) != KEY_BYTES * len(keys):
        raise ValueError("these are not keys")
    return packed


def unpack_keys(packed: bytes) -> list[str]:
    """The keys, in their order."""
    text = packed.hex()
    return [text[at : at + 2 * KEY_BYTES] for at in range(0, len(text), 2 * KEY_BYTES)]


def _fits(part: Sequence[str]) -> bool:
    return len(_text(part)) <= MAX_BYTES


def _text(ids: Sequence[str]) -> bytes:
    return json.dumps(ids, ensure_ascii=False, separators=(",", ":")).encode()
