"""What the projection at rest consists of: the blocks of each partition, and how much of the log is in them.

A customer belongs to a partition by the first digits of their document's name, a hash. So a partition is
also one range of names in the collection `customers`, and can be made anew from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crm.kernel.ids import document_id

HASHES: Final = 1 << 16
"""Values of the four hexadecimal digits that decide; there are at most so many partitions."""

TARGET: Final = 1_500_000
"""Bytes of a partition on average. Above it the number of partitions doubles."""


class DamagedBlock(Exception):
    """A partition's block cannot be read. `name` is the document at fault, `why` what is wrong with it."""

    def __init__(self, partition: int, name: str, why: str) -> None:
        self.partition = partition
        self.name = name
        self.why = why
        super().__init__(f"block {name} of partition {partition} {why}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stored document that holds a block or a part of one: its name, SHA-256 in hex, and size in bytes."""

    name: str
    checksum: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The projection's contents.

    `blocks` holds the pieces of each partition's block, in order; empty for a partition without customers.
    Their number is a power of two. Log documents stamped before `folded` are in the blocks; those before
    `trimmed` may be gone. A new `epoch` means that blocks were made anew and nothing older may be kept.
    """

    epoch: str
    folded: datetime
    trimmed: datetime
    blocks: tuple[tuple[Piece, ...], ...] = ((),)

    @property
    def names(self) -> frozenset[str]:
        """All documents that the manifest needs."""
        return frozenset(piece.name for block in self.blocks for piece in block)

    @property
    def size(self) -> int:
        """Bytes of all blocks."""
        return sum(piece.size for block in self.blocks for piece in block)

    def with_blocks(self, changed: Mapping[int, tuple[Piece, ...]]) -> "Manifest":
        """The manifest with other blocks for some partitions."""
        return replace(
            self, blocks=tuple(changed.get(number, block) for number, block in enumerate(self.blocks))
        )


def partition_of(customer_id: str, count: int) -> int:
    """The partition, of `count`, of a customer."""
    return int(document_id(customer_id)[:4], 16) * count // HASHES


def names_in(partition: int, count: int) -> tuple[str, str | None]:
    """The range of names of the partition's customers: from, and up to but without; None is open."""
    first, end = (number * HASHES // count for number in (partition, partition + 1))
    return f"{first:04x}", f"{end:04x}" if end < HASHES else None


def partitions_for(size: int, count: int) -> int:
    """How many partitions blocks of `size` bytes together need; never fewer than `count`."""
    while size > TARGET * count and count < HASHES:
        count *= 2
    return count
