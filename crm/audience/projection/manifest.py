"""The manifest of the stored projection: each partition's blocks, and the part of the log that they contain.

The first digits of a customer's key, the name of their document, decide the partition. A partition is
therefore a range of names in the collection `customers`, and can be rebuilt from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from crm.customers.customer_key import customer_key

HASHES: Final = 1 << 16
"""Values of the four hexadecimal digits that decide the partition, and the maximum number of partitions."""

TARGET: Final = 1_500_000
"""Average bytes of a partition above which the number of partitions doubles."""


class DamagedBlock(Exception):
    """A partition's block cannot be read. `name` is the damaged document, `why` describes the damage."""

    def __init__(self, partition: int, name: str, why: str) -> None:
        self.partition = partition
        self.name = name
        self.why = why
        super().__init__(f"block {name} of partition {partition} {why}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stored document that holds a block or a part of one."""

    name: str
    checksum: str
    """SHA-256 in hex."""
    size: int
    """Bytes."""
    others: tuple[Any, ...] = ()
    """What a newer version says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of the stored projection."""

    epoch: str
    """Changes when all blocks are rebuilt; readers then discard everything they have loaded."""
    folded: datetime
    """Log documents with an earlier time are in the blocks."""
    trimmed: datetime
    """Log documents with an earlier time may be deleted."""
    blocks: tuple[tuple[Piece, ...], ...] = ((),)
    """The pieces of each partition's block, in order; empty for a partition without customers. The number of
    partitions is a power of two."""

    @property
    def names(self) -> frozenset[str]:
        """All documents that the manifest needs."""
        return frozenset(piece.name for block in self.blocks for piece in block)

    @property
    def size(self) -> int:
        """Bytes of all blocks."""
        return sum(piece.size for block in self.blocks for piece in block)

    def with_blocks(self, changed: Mapping[int, tuple[Piece, ...]]) -> "Manifest":
        """The manifest with new blocks for some partitions."""
        return replace(
            self, blocks=tuple(changed.get(number, block) for number, block in enumerate(self.blocks))
        )


def partition_of(customer_id: str, count: int) -> int:
    """The customer's partition, of `count`."""
    return int(customer_key(customer_id)[:4], 16) * count // HASHES


def names_in(partition: int, count: int) -> tuple[str, str | None]:
    """The range of document names of the partition's customers: the first, and the end, None if open."""
    first, end = (number * HASHES // count for number in (partition, partition + 1))
    return f"{first:04x}", f"{end:04x}" if end < HASHES else None


def partitions_for(size: int, count: int) -> int:
    """The number of partitions for blocks of `size` bytes in all; never fewer than `count`."""
    while size > TARGET * count and count < HASHES:
        count *= 2
    return count
