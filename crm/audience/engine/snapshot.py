"""The projection at one moment: a large immutable base, and a small delta with the customers changed since.

The cost of a change depends on the changed customers only: their rows and all their orders move to the delta,
and the base no longer counts them. Every query evaluates both parts.

Two rules of the writers make the result independent of the order in which the log is read, and of repetition.
A commit that changes an order raises the versions of its customer and of the customer who loses it. And the
rows of one commit are read together, also from several payloads (see `order_ownership`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

import numpy as np

from crm.audience.engine.blocks import frames_of_blocks
from crm.audience.engine.delta import Delta, grown, no_changes
from crm.audience.engine.frames import Frames, frames_of
from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part, part_of
from crm.audience.engine.tables import Tables, rows_of


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All customers and orders as of `as_of`."""

    as_of: datetime
    base: Part
    delta: Part
    """The customers of `changed`, as columns."""
    changed: Delta
    seen: frozenset[bytes]
    """The SHA-256 of each payload applied since the base was loaded."""
    stays: Mask
    """False for the rows of `base` whose customers are in `delta`."""

    @cached_property
    def parts(self) -> tuple[tuple[Part, Mask], tuple[Part, Mask]]:
        """Both parts, each with a mask of the rows that count: known, not removed, not replaced by the
        delta."""
        return (self.base, self.base.known & self.stays), (self.delta, self.delta.known)

    def same_data_as(self, other: "Snapshot") -> bool:
        """Whether both have the same customers and orders, possibly at different times."""
        return self.base is other.base and self.delta is other.delta

    @property
    def attributes(self) -> Sequence[str]:
        """The names of all attributes in use."""
        return sorted({name for part, _ in self.parts for name in part.attributes})

    @property
    def total(self) -> int:
        """The number of customers."""
        return sum(int(np.count_nonzero(counts)) for _, counts in self.parts)


def snapshot_of(tables: Tables, as_of: datetime) -> Snapshot:
    """A snapshot of tables."""
    return _snapshot_of(part_of([frames_of(tables)]), as_of)


def snapshot_of_frames(frames: Sequence[Frames], as_of: datetime) -> Snapshot:
    """A snapshot of the frames of some blocks. Consumes the frames."""
    return _snapshot_of(part_of(frames), as_of)


def snapshot_of_blocks(blocks: Sequence[bytes], as_of: datetime) -> Snapshot:
    """A snapshot of blocks. Raises ValueError for bytes that are not a block."""
    return _snapshot_of(part_of(frames_of_blocks(blocks)), as_of)


def applied(snapshot: Snapshot, payloads: Sequence[bytes], as_of: datetime) -> Snapshot:
    """The snapshot after the changes in `payloads`. Raises ValueError for a payload that cannot be decoded.

    Payloads that were applied before, or contain only older versions, change nothing.
    """
    new = {sha256(payload).digest(): payload for payload in payloads}
    new = {name: payload for name, payload in new.items() if name not in snapshot.seen}
    if not new:
        return replace(snapshot, as_of=as_of)
    changed = grown(snapshot.base, snapshot.changed, rows_of(list(new.values())))
    stays = np.ones(snapshot.base.size, np.bool_)
    stays[changed.moved] = False
    delta = part_of([frames_of(changed.tables)])
    return Snapshot(as_of, snapshot.base, delta, changed, snapshot.seen | new.keys(), stays)


def _snapshot_of(base: Part, as_of: datetime) -> Snapshot:
    return Snapshot(as_of, base, part_of([]), no_changes(), frozenset(), np.ones(base.size, np.bool_))
