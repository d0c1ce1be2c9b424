"""The projection at one moment: a large part that stays, and a small one with whoever changed since.

A change costs what the changed customers weigh, not what all weigh: their whole rows and all their orders
move into the small part, and the large one no longer counts them. Every question is put to both.

Two rules of the writers make this right in whatever order the log is read, and however often. A commit that
changes an order also changes its customer, and the one whom the order leaves: it raises their versions. And
the rows of one commit are read together, be it one payload or several (`moves` says what follows).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

import numpy as np

from crm.audience.engine.blocks import frames_of_blocks
from crm.audience.engine.delta import Delta, grown, nobody
from crm.audience.engine.frames import Frames, frames_of
from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part, part_of
from crm.audience.engine.tables import Tables, rows_of


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All customers and orders as of `as_of`.

    `stays` is false in `base` for customers who are in `delta`, which lays out the rows of `changed`. `seen`
    has the SHA-256 of each payload since the base was read.
    """

    as_of: datetime
    base: Part
    delta: Part
    changed: Delta
    seen: frozenset[bytes]
    stays: Mask

    @cached_property
    def parts(self) -> tuple[tuple[Part, Mask], tuple[Part, Mask]]:
        """Both parts, each with the rows that count: known, not removed, and not newer in the other."""
        return (self.base, self.base.known & self.stays), (self.delta, self.delta.known)

    def holds_what(self, other: "Snapshot") -> bool:
        """Whether it is the other one at another moment, with nothing changed between them."""
        return self.base is other.base and self.delta is other.delta

    @property
    def attributes(self) -> Sequence[str]:
        """The names of all attributes that occur."""
        return sorted({name for part, _ in self.parts for name in part.attributes})

    @property
    def total(self) -> int:
        """How many customers there are."""
        return sum(int(np.count_nonzero(counts)) for _, counts in self.parts)


def snapshot_of(tables: Tables, as_of: datetime) -> Snapshot:
    """The tables laid out."""
    return _snapshot_of(part_of([frames_of(tables)]), as_of)


def snapshot_of_frames(frames: Sequence[Frames], as_of: datetime) -> Snapshot:
    """The customers and orders of some blocks' frames, which are used up."""
    return _snapshot_of(part_of(frames), as_of)


def snapshot_of_blocks(blocks: Sequence[bytes], as_of: datetime) -> Snapshot:
    """The customers and orders of those blocks. Raises ValueError for what is not a block."""
    return _snapshot_of(part_of(frames_of_blocks(blocks)), as_of)


def applied(snapshot: Snapshot, payloads: Sequence[bytes], as_of: datetime) -> Snapshot:
    """The snapshot after the changes in `payloads`. Raises ValueError for a payload that is not ours.

    Nothing changes by payloads that were applied before, or that are older than what is there.
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
    return Snapshot(as_of, base, part_of([]), nobody(), frozenset(), np.ones(base.size, np.bool_))
