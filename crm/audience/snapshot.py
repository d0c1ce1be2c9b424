"""The projection at one moment: a large part that stays, and a small one with whoever changed since.

A change costs what the changed customers weigh, not what all weigh: their whole rows and all their orders
move into the small part, and the large one no longer counts them. Every question is put to both.

Two rules of the writers make this right in whatever order the log is read, and however often. A commit that
changes an order also changes its customer, and the one whom the order leaves: it raises their versions. And
the rows of one commit stay together in a payload (`moves` says what follows).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

import numpy as np
import polars as pl

from crm.audience.blocks import frames_of_blocks
from crm.audience.frames import Frames, frames_of
from crm.audience.moves import orders_after
from crm.audience.numbers import Mask, Rows
from crm.audience.parts import Part, part_of
from crm.audience.tables import ORDERS, Tables, newest, rows_of


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All customers and orders as of `as_of`.

    `stays` is false in `base` for customers who are in `delta`. `told` has the rows of all payloads since the
    base was read, as `tables.rows_of` gives them, and `seen` the SHA-256 of each.
    """

    as_of: datetime
    base: Part
    delta: Part
    told: Tables
    seen: frozenset[bytes]
    stays: Mask

    @cached_property
    def parts(self) -> tuple[tuple[Part, Mask], tuple[Part, Mask]]:
        """Both parts, each with the rows that count: known, not removed, and not newer in the other."""
        return (self.base, self.base.known & self.stays), (self.delta, self.delta.known)

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
    told = _together(snapshot.told, rows_of(list(new.values())))
    delta, moving = _delta(snapshot.base, told)
    stays = np.ones(snapshot.base.size, np.bool_)
    stays[moving] = False
    return Snapshot(as_of, snapshot.base, delta, told, snapshot.seen | new.keys(), stays)


def _together(told: Tables, more: Tables) -> Tables:
    """The rows of earlier payloads and of new ones, whose numbers go on from theirs."""
    highest = [frame["payload"].max() for frame in (told.customers, told.orders)]
    after = max((each for each in highest if isinstance(each, int)), default=-1) + 1
    return Tables(
        pl.concat([told.customers, more.customers.with_columns(pl.col("payload") + after)]),
        pl.concat([told.orders, more.orders.with_columns(pl.col("payload") + after)]),
    )


def _delta(base: Part, told: Tables) -> tuple[Part, Rows]:
    """Whoever is newer than in the base, with all their orders; and their rows in the base."""
    known = base.versions(base.places(pl.concat([told.customers["customer_id"], told.orders["customer_id"]])))
    before = known.select("customer_id", before=_rank())
    news = (
        told.customers.join(before, on="customer_id", how="left")
        .filter(pl.col("before").is_null() | (_rank() > pl.col("before")))
        .drop("before", "payload")
    )
    alone = told.orders.filter(pl.col("told").is_null())["customer_id"]
    unchanged = base.places(alone.filter(~alone.is_in(news["customer_id"].implode())))
    customers = newest([news, base.rows(unchanged)], "customer_id")
    moving = base.places(pl.concat([customers["customer_id"], alone]))
    held = base.orders_of(moving).join(known.select("customer_id", told="version"), on="customer_id")
    orders = orders_after(held, told, known)
    here = orders.join(customers, on="customer_id", how="semi").select(ORDERS.keys())
    return part_of([frames_of(Tables(customers, here))]), moving


def _rank() -> pl.Expr:
    """Orders versions, and of one version the removal above the row."""
    return 2 * pl.col("version") + pl.col("removed").cast(pl.Int64)


def _snapshot_of(base: Part, as_of: datetime) -> Snapshot:
    return Snapshot(as_of, base, part_of([]), rows_of([]), frozenset(), np.ones(base.size, np.bool_))
